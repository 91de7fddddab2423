"""The workloads, and what their figures have to be."""

import statistics


def cost(figures, per="message"):
    """CPU of all processes but the generator, in microseconds."""
    by_name = figures[f"cpu_us_per_{per}"]
    return sum(value for name, value in by_name.items() if name != "load")


def pss(figures):
    return sum(figures["pss_per_socket"].values())


def of_edges(pss_by_name):
    return sum(value for name, value in pss_by_name.items()
               if name.startswith("edge"))


def p50(figures):
    return figures["latency_us"]["p50"]


def broker(figures):
    return figures["cpu_us_per_broadcast"]["broker"]


def publishing(figures):
    return figures["cpu_us_per_message"]["broker"]


class Case:
    """One measurement of one server.

    `of` takes the figure from what the generator prints; `baseline` names the
    bare server that gets the same load in the same round.
    """

    def __init__(self, name, mode, flags, of, unit, baseline=None,
                 fresh=False, edges=1):
        self.name = name
        self.mode = mode
        self.flags = flags
        self.of = of
        self.unit = unit
        self.baseline = baseline
        self.fresh = fresh  # Memory is measured on servers just started.
        self.edges = edges  # Of those.


def cases(quick):
    seconds = {"seconds": 1.5, "warmup": 0.5} if quick else {}
    paced = {"window": 1, "interval_ms": 100, "warmup": 1,
             "seconds": 4 if quick else 10}
    idle = 5_000 if quick else 15_000
    churn = 1_000 if quick else 5_000

    def fanout(name, window, sockets=5_000):
        return Case(name, "fanout",
                    {"sockets": sockets, "window": window, **seconds},
                    cost, "us", baseline="broadcast")

    def echo(name, sockets, window, of=cost):
        return Case(name, "echo",
                    {"sockets": sockets, "window": window, **seconds},
                    of, "us", baseline="echo")

    return [
        fanout("fanout_4", 4),
        fanout("fanout_1", 1),
        *(Case(f"broadcast_{n}", "fanout", {"sockets": n, **paced}, broker,
               "us") for n in (100, 1_000, 10_000)),
        echo("echo_200x8", 200, 8),
        echo("echo_200x1", 200, 1),
        echo("echo_1x1", 1, 1, p50),
        Case("host_echo", "echo",
             {"topic": "hosted:bench", "sockets": 200, "window": 8, **seconds},
             cost, "us"),
        Case("publish", "publish",
             {"topics": 100, "window": 4_096, **seconds}, publishing, "us"),
        Case("join", "join", {"sockets": 5_000, "parallel": 64}, cost, "us",
             baseline="broadcast"),
        *(Case(f"longpoll_{n}", "longpoll",
               {"sockets": 5_000, "window": n, **seconds}, cost, "us",
               fresh=True, edges=2) for n in (4, 1)),
        Case("idle_one_topic", "idle", {"sockets": idle}, pss, "B",
             fresh=True),
        Case("idle_own_topics", "idle", {"sockets": idle, "topics": idle}, pss,
             "B", fresh=True),
        Case("churn", "churn", {"sockets": churn, "cycles": 5, "interval_ms": 20},
             lambda figures: figures["pss_growth"], "x", fresh=True),
    ]


class Results:
    """What the rounds gave, by case and server."""

    def __init__(self):
        self.figures = {}

    def add(self, case, server, figures):
        self.figures.setdefault((case.name, server), []).append(
            (case.of(figures), figures))

    def of(self, name, server="aerie"):
        """The median over the rounds."""
        return statistics.median(v for v, _ in self.figures[name, server])

    def median(self, name, of):
        """The same of another figure of the case."""
        return statistics.median(
            of(figures) for _, figures in self.figures[name, "aerie"])

    def ratio(self, name):
        """The median of each round's ratio to its own baseline."""
        pairs = zip(self.figures[name, "aerie"], self.figures[name, "bare"])
        return statistics.median(a / b for (a, _), (b, _) in pairs)

    def spread(self, names):
        """The largest figure by the smallest."""
        values = [self.of(name) for name in names]
        return max(values) / min(values)

    def has(self, *names):
        return all((name, "aerie") in self.figures for name in names)


_BROADCASTS = ["broadcast_100", "broadcast_1000", "broadcast_10000"]


def _ratio(name):
    def figure(results):
        if (name, "bare") not in results.figures:
            return None
        return (results.ratio(name), f"{results.ratio(name):.2f} x bare "
                f"({results.of(name):.2f} us, "
                f"{results.of(name, 'bare'):.2f} us)")
    return [name], figure


def _plain(name, text):
    return [name], lambda results: (results.of(name),
                                    text.format(results.of(name)))


def _constant(results):
    spread = results.spread(_BROADCASTS)
    each = ", ".join(f"{results.of(name):.0f}" for name in _BROADCASTS)
    return spread, f"{spread:.2f} x ({each} us)"


def _host(results):
    ratio = results.of("host_echo") / results.of("echo_200x8")
    return ratio, (f"{ratio:.2f} x ({results.of('host_echo'):.1f} us, "
                   f"{results.of('echo_200x8'):.1f} us)")


def _publish(results):
    cost_us = results.of("publish")
    return cost_us, f"{1e6 / cost_us:,.0f} ({cost_us:.2f} us)"


def _parked(results):
    def of(figure):
        return results.median(
            "longpoll_1",
            lambda figures: figure(figures["pss_per_session"]))
    edges = of(of_edges)
    of_broker = of(lambda pss_by_name: pss_by_name["broker"])
    return edges, f"{edges:.0f} B (broker {of_broker:.0f} B)"


# What is measured, where, what it has to be at most (None: it is only looked
# at), in words, and how it is found.
TARGETS = [
    ("fan-out, CPU per delivery", "5,000 sockets, 4 outstanding", 1.5,
     "<= 1.5 x bare", *_ratio("fanout_4")),
    ("fan-out, CPU per delivery", "5,000 sockets, 1 outstanding", 1.3,
     "<= 1.3 x bare", *_ratio("fanout_1")),
    ("broker CPU per broadcast", "100, 1,000 and 10,000 sockets", 1.2,
     "within 20 %", _BROADCASTS, _constant),
    ("echo, CPU per reply", "200 sockets x 8", 8, "<= 8 us",
     *_plain("echo_200x8", "{:.1f} us")),
    ("echo, CPU per reply", "200 sockets x 1", 15, "<= 15 us",
     *_plain("echo_200x1", "{:.1f} us")),
    ("echo, latency p50", "1 socket x 1", 250, "<= 250 us",
     *_plain("echo_1x1", "{:.0f} us")),
    ("echo of an attached host, CPU", "200 sockets x 8, to the built-in one", 2,
     "<= 2 x", ["host_echo", "echo_200x8"], _host),
    ("broadcasts per CPU-second", "one stream, no subscribers", 5,
     ">= 200,000", ["publish"], _publish),
    ("connect + join, CPU", "5,000 sockets, 64 in parallel", 60, "<= 60 us",
     *_plain("join", "{:.1f} us")),
    ("idle socket, PSS", "all in one topic", 5_120, "<= 5,120 B",
     *_plain("idle_one_topic", "{:.0f} B")),
    ("idle socket, PSS", "one topic each", 5_120, "<= 5,120 B",
     *_plain("idle_own_topics", "{:.0f} B")),
    *(("long polls, CPU per delivery",
       f"5,000 sessions, 2 edges, {n} outstanding", None, "-",
       *_plain(f"longpoll_{n}", "{:.1f} us")) for n in (4, 1)),
    ("session in a long poll, PSS", "5,000 sessions, of the edges", 4_096,
     "<= 4,096 B", ["longpoll_1"], _parked),
    ("memory after churn", "5 cycles, to the first", 1.1, "within 10 %",
     *_plain("churn", "{:.3f} x")),
]


def table(results):
    """The rows whose cases were run: a list of columns each."""
    rows = []
    for what, where, limit, words, names, figure in TARGETS:
        if not results.has(*names):
            continue
        found = figure(results)
        if found is None:
            continue
        value, reached = found
        rows.append({"what": what, "at": where, "target": words,
                     "reached": reached, "value": value,
                     "met": None if limit is None else value <= limit})
    return rows
