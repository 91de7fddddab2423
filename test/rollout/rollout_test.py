"""Rollouts under load: edges are replaced one after the other, then the broker,
and an edge is added, while thousands of clients listen to numbers.

The tests go on where the one before has ended. The last line is
`N passed, N failed`.
"""

import argparse
import os
import pathlib
import signal
import sys
import time
import unittest

import network
import processes
from processes import eventually

WINDOW_S = 5
# From SIGTERM until every client is back.
BACK_S = WINDOW_S + 10
CLIENTS = 6000
CLIENTS_MORE = 800
# Of each edge, so low that both are felt.
CONNECTS_PER_SECOND = 400
JOINS_PER_SECOND = 1000
# Between an admission and the scrape that tells of it.
LAG_S = 0.5

cluster = None


class Cluster:
    """All processes, from the first test to the last."""

    def __init__(self, net):
        binaries = pathlib.Path(os.environ["AERIE_BIN"])
        self.broker = processes.broker(binaries / "broker/aerie-broker",
                                       net.here, WINDOW_S)
        limits = {"connects_per_second": CONNECTS_PER_SECOND,
                  "relink_joins_per_second": JOINS_PER_SECOND}
        edges = [processes.edge(number, binaries / "edge/aerie-edge", net,
                                WINDOW_S, limits) for number in range(1, 5)]
        self.edges, self.fourth = edges[:3], edges[3]
        self.balancer = processes.balancer(net, edges)
        self.crowd = processes.Crowd(binaries / "test/rollout/crowd", net)
        self._processes = [self.crowd, self.balancer, *edges, self.broker]

    def start(self):
        self.broker.start_ready()
        for edge in self.edges:
            edge.start_ready()
        self.balancer.start()
        self.crowd.start()

    def close(self):
        for process in self._processes:
            process.kill()

    def changed(self, before):
        """What has happened to the crowd since a report, without what has
        not."""
        change = {}
        for key, value in self.crowd.now().items():
            if key == "closed":
                codes = {code: count - before[key].get(code, 0)
                         for code, count in value.items()}
                change[key] = {code: count for code, count in codes.items()
                               if count}
            elif value != before[key]:
                change[key] = value - before[key]
        return change


def at_most(rate):
    """How many in so many seconds: a second's worth at once, and the rate."""
    return lambda seconds: rate * (1 + seconds + LAG_S)


class Rollout(unittest.TestCase):
    """In the order of their names."""

    longMessage = True

    def test_1_everybody_joins(self):
        cluster.crowd.say("speak")
        cluster.crowd.say(f"open {CLIENTS}")
        self.await_joined(CLIENTS, 60)
        for edge in cluster.edges:
            self.assertGreater(edge.metric("aerie_edge_sockets"), CLIENTS / 6)
        self.check_nobody_misses_anything()

    def test_2_first_edge_is_replaced(self):
        self.replace(cluster.edges[0])

    def test_3_second_edge_is_replaced(self):
        self.replace(cluster.edges[1])
        self.assertGreater(cluster.edges[0].metric("aerie_edge_sockets"),
                           CLIENTS / 8, "the first one has taken its share")

    def test_4_third_edge_is_replaced(self):
        self.replace(cluster.edges[2])
        paced = sum(edge.metric("aerie_edge_connects_total", result="paced")
                    for edge in cluster.edges)
        self.assertGreater(paced, 0, "the pace was felt")

    def test_5_broker_is_replaced(self):
        before = cluster.crowd.now()
        sockets = [edge.metric("aerie_edge_sockets") for edge in cluster.edges]
        rates = processes.Rates([cluster.broker], "aerie_broker_joins_total",
                                result="ok")
        start = time.monotonic()
        self.assertEqual(cluster.broker.stop(WINDOW_S + 10), 0)
        cluster.broker.start_ready()
        eventually("channels have ended",
                   lambda: cluster.crowd.last()["crashes"] -
                   before["crashes"] >= CLIENTS)
        self.await_joined(CLIENTS, start + BACK_S - time.monotonic())
        rates.stop()
        print(f"all joined {time.monotonic() - start:.1f} s after SIGTERM")

        change = cluster.changed(before)
        self.assertNotIn("opened", change, "nobody had to connect")
        self.assertEqual(change["closed"], {}, "sockets stay")
        self.assertEqual(change["crashes"], CLIENTS)
        self.assertEqual(change["joins"], CLIENTS)
        self.assertEqual(
            cluster.broker.metric("aerie_broker_resumes_total"), CLIENTS)
        self.assertEqual(
            cluster.broker.metric("aerie_broker_connects_total"), 0)
        self.assertLessEqual(rates.excess(lambda seconds: sum(
            min(each, at_most(JOINS_PER_SECOND)(seconds))
            for each in sockets)), 0)
        paced = sum(edge.metric("aerie_edge_joins_unavailable_total",
                                cause="paced") for edge in cluster.edges)
        self.assertGreater(paced, 0, "the pace was felt")
        self.check_nobody_misses_anything()

    def test_6_edge_that_is_added_takes_clients_at_once(self):
        cluster.fourth.start_ready()
        eventually("the balancer knows it", lambda: "edge4 is UP" in
                   cluster.balancer.log.read_text(encoding="utf-8"))
        cluster.crowd.say(f"open {CLIENTS_MORE}")
        share = CLIENTS_MORE / 8
        eventually("the new edge has its share",
                   lambda: cluster.fourth.metric("aerie_edge_sockets") > share,
                   10)
        self.await_joined(CLIENTS + CLIENTS_MORE, 15)
        self.check_nobody_misses_anything()

    def replace(self, edge):
        leaving = edge.metric("aerie_edge_sockets")
        before = cluster.crowd.now()
        rates = processes.Rates(cluster.edges, "aerie_edge_connects_total",
                                result="opened")
        start = time.monotonic()
        self.assertEqual(edge.stop(WINDOW_S + 10), 0)
        edge.start_ready()
        self.await_joined(CLIENTS, start + BACK_S - time.monotonic())
        rates.stop()
        print(f"{leaving:.0f} clients of {edge.name} were back "
              f"{time.monotonic() - start:.1f} s after SIGTERM")

        change = cluster.changed(before)
        self.assertEqual(change["closed"], {"1012": leaving})
        self.assertEqual(change["opened"], leaving)
        self.assertNotIn("crashes", change)
        self.assertNotIn("numbers_failed", change)
        self.check_spread(start, leaving)
        self.assertLessEqual(rates.excess(at_most(CONNECTS_PER_SECOND)), 0)
        self.check_nobody_misses_anything()

    def check_spread(self, start, count):
        """That connections were closed all through the window."""
        tenths = [0] * 10
        last = None
        for when, report in list(cluster.crowd.reports):
            closed = report["closed"].get("1012", 0)
            tenth = int((when - start) / WINDOW_S * 10)
            if last is not None and 0 <= tenth < 10:
                tenths[tenth] += closed - last
            last = closed
        self.assertLess(max(tenths), count / 2, tenths)
        self.assertGreater(sum(tenths), count * 0.9, tenths)

    def check_nobody_misses_anything(self):
        """Those who stayed have every number, and all get what comes now."""
        spoken = cluster.crowd.now()["numbers"]
        eventually("each topic speaks", lambda: cluster.crowd.last()["numbers"]
                   >= spoken + 2 * processes.TOPICS)
        cluster.crowd.say("hush")
        eventually("everybody has heard the last number",
                   lambda: cluster.crowd.now()["behind"] == 0)
        now = cluster.crowd.last()
        cluster.crowd.say("speak")
        for wrong in ["missed", "repeated", "joins_refused"]:
            self.assertEqual(now[wrong], 0, wrong)

    def await_joined(self, count, patience_s):
        def joined():
            now = cluster.crowd.last()
            return now["joined"] == now["open"] == count
        try:
            eventually(f"{count} clients are joined", joined, patience_s)
        except AssertionError as error:
            raise AssertionError(f"{error}: {cluster.crowd.last()}") from error


def run():
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(Rollout)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    failed = len(result.failures) + len(result.errors)
    return result.testsRun - failed, failed


def main():
    global cluster
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loopback", action="store_true",
                        help="addresses of 127.0.0.0/8 instead of hosts")
    loopback = parser.parse_args().loopback
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    processes.OUT.mkdir(parents=True, exist_ok=True)
    for log in processes.OUT.glob("*.log"):
        log.unlink()
    passed, failed = 0, 1
    try:
        with (network.Loopback() if loopback else network.Namespaces()) as net:
            cluster = Cluster(net)
            try:
                cluster.start()
                passed, failed = run()
            finally:
                cluster.close()
    except (PermissionError, AssertionError) as error:
        print(error)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
