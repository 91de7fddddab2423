// One plot: some series over the last ten minutes, their values in its legend.
// The pointer or the arrow keys move a line through it; then the legend tells
// what was there.
import {h, setText, svg} from "./dom.ts";
import {ago} from "./format.ts";
import {SPAN_MS, type History} from "./history.ts";
import {area, axis, line, nearest, xOf, yOf, type Box} from "./scale.ts";

export interface PlotOptions {
  readonly id: string;
  readonly title: string;
  // What a screen reader and the tooltip of the title say.
  readonly about: string;
  readonly series: ReadonlyArray<{name: string; label: string}>;
  readonly format: (value: number) => string;
  readonly base?: 10 | 2;
  // The axis is at least so long.
  readonly least?: number;
}

const HEIGHT = 150;
const MARGIN = {top: 10, bottom: 22, left: 4, right: 4};

export class Plot {
  readonly element: HTMLElement;
  readonly #options: PlotOptions;
  readonly #drawing = svg("svg", {"aria-hidden": "true", height: HEIGHT});
  readonly #grid = svg("g", {class: "grid"});
  // Over the lines, for them to be read.
  readonly #labels = svg("g", {class: "labels"});
  readonly #lines: Array<{area: SVGPathElement; line: SVGPathElement;
    dot: SVGCircleElement; value: HTMLElement}> = [];
  readonly #cursor = svg("line", {class: "cursor", y1: MARGIN.top,
    y2: HEIGHT - MARGIN.bottom});
  readonly #when = h("span", {class: "when"}, "now");
  readonly #slider: HTMLElement;
  #width = 300;
  #history: History | null = null;
  #now = 0;
  // Age in milliseconds of what is pointed at; null: the newest.
  #at: number | null = null;

  constructor(options: PlotOptions) {
    this.#options = options;
    const legend = h("ul", {class: "legend"});
    const areas = svg("g");
    const lines = svg("g");
    options.series.forEach(({label}, i) => {
      const parts = {
        area: svg("path", {class: `area s${i}`}),
        line: svg("path", {class: `line s${i}`}),
        dot: svg("circle", {class: `dot s${i}`, r: 3.5}),
        value: h("b", {}, "–"),
      };
      areas.append(parts.area);
      lines.append(parts.line, parts.dot);
      legend.append(h("li", {class: `s${i}`},
        h("span", {class: "swatch"}), label, " ", parts.value));
      this.#lines.push(parts);
    });
    this.#drawing.append(this.#grid, areas, this.#cursor, lines, this.#labels);
    this.#slider = h("div", {class: "canvas", tabindex: 0, role: "slider",
      "aria-label": `${options.title}: a moment of the last ten minutes`,
      "aria-orientation": "horizontal", "aria-valuemin": -SPAN_MS / 1000,
      "aria-valuemax": 0, "aria-valuenow": 0}, this.#drawing);
    this.element = h("section", {class: "card plot", id: options.id,
      "aria-labelledby": `${options.id}-title`},
    h("header", {}, h("h3", {id: `${options.id}-title`, title: options.about},
      options.title), this.#when), legend, this.#slider);
    this.#listen();
  }

  update(history: History, now: number): void {
    this.#history = history;
    this.#now = now;
    this.#draw();
  }

  #listen(): void {
    new ResizeObserver(() => {
      this.#width = Math.max(120, this.#slider.clientWidth);
      this.#draw();
    }).observe(this.#slider);
    this.#slider.addEventListener("pointermove", (event) => {
      const x = event.clientX - this.#slider.getBoundingClientRect().left;
      this.#pointAt(nearest(x, this.#ages(), SPAN_MS, this.#box()));
    });
    const leave = () => {
      this.#at = null;
      this.#draw();
    };
    this.#slider.addEventListener("pointerleave", leave);
    this.#slider.addEventListener("blur", leave);
    this.#slider.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #onKey(event: KeyboardEvent): void {
    const ages = this.#ages();
    const last = ages.length - 1;
    const here = this.#at === null ? last : this.#indexAt(ages);
    const to = ({ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last,
      PageUp: here - 30, PageDown: here + 30, ArrowDown: here - 1,
      ArrowUp: here + 1} as Record<string, number>)[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#pointAt(Math.min(Math.max(to, 0), last));
  }

  #ages(): number[] {
    return this.#history?.ages(this.#now) ?? [];
  }

  #box(): Box {
    return {left: MARGIN.left, right: this.#width - MARGIN.right,
      top: MARGIN.top, bottom: HEIGHT - MARGIN.bottom};
  }

  #indexAt(ages: readonly number[]): number {
    const box = this.#box();
    return nearest(xOf(this.#at ?? 0, SPAN_MS, box), ages, SPAN_MS, box);
  }

  #pointAt(index: number): void {
    this.#at = this.#ages()[index] ?? null;
    this.#draw();
  }

  #draw(): void {
    const history = this.#history;
    if (!history) return;
    const box = this.#box();
    const ages = this.#ages();
    const columns = this.#options.series.map(({name}) => history.values(name));
    const largest = Math.max(this.#options.least ?? 0, ...columns.flat());
    const {max, ticks} = axis(largest, this.#options.base);
    this.#drawing.setAttribute("width", String(this.#width));
    this.#drawGrid(box, max, ticks);
    const at = this.#at === null ? -1 : this.#indexAt(ages);
    columns.forEach((values, i) => this.#drawSeries(i, ages, values, max, at));
    this.#tell(ages, columns, at);
  }

  #drawGrid(box: Box, max: number, ticks: readonly number[]): void {
    this.#grid.replaceChildren(...ticks.map((tick) => {
      const y = yOf(tick, max, box);
      return svg("line", {x1: box.left, x2: box.right, y1: y, y2: y});
    }));
    const heights = ticks.filter((tick) => tick > 0).map((tick) =>
      svg("text", {x: box.left, y: yOf(tick, max, box) + 11},
        this.#options.format(tick)));
    const times = ([[SPAN_MS, "10 min ago", "start"],
      [SPAN_MS / 2, "5 min", "middle"], [0, "now", "end"]] as const)
      .map(([age, label, anchor]) => svg("text", {x: xOf(age, SPAN_MS, box),
        y: HEIGHT - 6, "text-anchor": anchor}, label));
    this.#labels.replaceChildren(...heights, ...times);
  }

  #drawSeries(i: number, ages: readonly number[], values: readonly number[],
    max: number, at: number): void {
    const parts = this.#lines[i];
    if (!parts) return;
    const box = this.#box();
    const points = values.map((value, n) => [
      xOf(ages[n] ?? 0, SPAN_MS, box), yOf(value, max, box)] as const);
    parts.line.setAttribute("d", line(points));
    parts.area.setAttribute("d", area(points, box.bottom));
    const shown = points[at < 0 ? points.length - 1 : at];
    parts.dot.toggleAttribute("hidden", !shown);
    if (!shown) return;
    parts.dot.setAttribute("cx", String(shown[0]));
    parts.dot.setAttribute("cy", String(shown[1]));
  }

  #tell(ages: readonly number[], columns: readonly number[][],
    at: number): void {
    const index = at < 0 ? ages.length - 1 : at;
    const seconds = at < 0 ? 0 : (ages[index] ?? 0) / 1000;
    setText(this.#when, ago(seconds));
    this.#cursor.toggleAttribute("hidden", at < 0);
    const x = String(xOf(seconds * 1000, SPAN_MS, this.#box()));
    this.#cursor.setAttribute("x1", x);
    this.#cursor.setAttribute("x2", x);
    const words = this.#options.series.map(({label}, i) => {
      const value = columns[i]?.[index];
      const text = value === undefined ? "–" : this.#options.format(value);
      const parts = this.#lines[i];
      if (parts) setText(parts.value, text);
      return `${label} ${text}`;
    });
    this.#slider.setAttribute("aria-valuenow", String(-Math.round(seconds)));
    this.#slider.setAttribute("aria-valuetext",
      `${ago(seconds)}: ${words.join(", ")}`);
  }
}
