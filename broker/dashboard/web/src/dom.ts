// Elements, made and kept without a framework. Text is always text: nothing
// here reads HTML.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | EventListener | null>;

const SVG = "http://www.w3.org/2000/svg";

function fill(element: Element, props: Props, children: Child[]): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) if (child) element.append(child);
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K,
  props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, props, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(tag: K,
  props: Props = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  fill(element, props, children);
  return element;
}

// An element of index.html.
export function byId<T extends Element = HTMLElement>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

// Changes the text only when it is another one, for selections and screen
// readers to be left alone.
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

// Makes `parent` hold one element for each item, in their order; those that are
// there already are changed, so that focus and hover survive.
export function keep<T>(parent: Element, items: readonly T[],
  keyOf: (item: T) => string, make: (item: T) => Element,
  change: (element: Element, item: T) => void): void {
  const old = new Map<string, Element>();
  for (const element of parent.children) {
    old.set(element.getAttribute("data-key") ?? "", element);
  }
  let before: Element | null = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = old.get(key);
    old.delete(key);
    if (!element) {
      element = make(item);
      element.setAttribute("data-key", key);
    }
    change(element, item);
    if (element === before) {
      before = before.nextElementSibling;
    } else {
      parent.insertBefore(element, before);
    }
  }
  for (const element of old.values()) element.remove();
}
