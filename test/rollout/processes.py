"""The processes of a rollout: broker, edges, a balancer, and the crowd."""

import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / ".out" / "rollout"
PATIENCE_S = 30

CLIENTS_PORT = 4000
ADMIN_PORT = 4001
LINK_PORT = 4010
BROKER_ADMIN_PORT = 4011
TOPICS = 10


def eventually(what, condition, patience_s=PATIENCE_S):
    """Waits for it, and says how long that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > patience_s:
            raise AssertionError(f"waited {patience_s:.0f} s in vain: {what}")
        time.sleep(0.05)
    return time.monotonic() - start


class Process:
    """A child, started again and again; what it says goes to a file."""

    def __init__(self, name, command):
        self.name = name
        self.command = [str(word) for word in command]
        self.log = OUT / f"{name}.log"
        self.child = None

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.child = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                          stdout=log, stderr=log)

    def signal(self, number):
        self.child.send_signal(number)

    def exited(self):
        return self.child.poll() is not None

    def kill(self):
        if self.child and not self.exited():
            self.child.kill()
        if self.child:
            self.child.wait()


class Server(Process):
    """An edge or a broker, at an address of its own."""

    def __init__(self, name, binary, prefix, admin, window_s, config):
        file = OUT / f"{name}.yaml"
        file.write_text(json.dumps(config, indent=2))  # JSON is YAML.
        super().__init__(name, [*prefix, binary, f"--config={file}",
                                f"--admin.listen={admin}",
                                f"--drain.window={window_s}s"])
        self.admin = admin

    def page(self, name):
        """Of the admin port; empty while there is none."""
        try:
            page = f"http://{self.admin}/{name}"
            with urllib.request.urlopen(page, timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return ""

    def ready(self):
        return self.page("readyz") != ""

    def metric(self, name, **labels):
        """The sum of its series that have these labels."""
        total = 0
        for line in self.page("metrics").splitlines():
            series, _, value = line.rpartition(" ")
            if re.split("[{ ]", series)[0] == name and all(
                    f'{key}="{word}"' in series
                    for key, word in labels.items()):
                total += float(value)
        return total

    def start_ready(self):
        self.start()
        eventually(f"{self.name} is ready, see {self.log}",
                   lambda: self.exited() or self.ready())
        if self.exited():
            raise AssertionError(f"{self.name} has ended, see {self.log}")

    def stop(self, patience_s):
        """SIGTERM, until it has exited; its status."""
        self.signal(signal.SIGTERM)
        eventually(f"{self.name} exits", self.exited, patience_s)
        return self.child.returncode


def broker(binary, host, window_s):
    keys = OUT / "resume.keys"
    keys.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    admin = f"{host}:{BROKER_ADMIN_PORT}"
    return Server("broker", binary, [], admin, window_s, {
        "listen": f"{host}:{LINK_PORT}",
        "insecure": True,
        "resume": {"key_file": str(keys)}})


def edge(number, binary, network, window_s, limits):
    host, prefix = network.add_host(number)
    admin = f"{host}:{ADMIN_PORT}"
    server = Server(f"edge{number}", binary, prefix, admin, window_s, {
        "name": f"edge{number}",
        "listen": f"{host}:{CLIENTS_PORT}",
        "threads": 2,
        "broker": {"address": f"{network.here}:{LINK_PORT}"},
        "limits": limits})
    server.host = host
    return server


def balancer(network, edges):
    """HAProxy: each connection to the next edge whose /readyz says so."""
    servers = "\n".join(
        f"  server {each.name} {each.host}:{CLIENTS_PORT} check "
        f"port {ADMIN_PORT}" for each in edges)
    file = OUT / "haproxy.cfg"
    file.write_text(f"""global
  maxconn 9000
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  retries 2
  option redispatch
listen clients
  bind {network.here}:{CLIENTS_PORT} backlog 8192
  balance roundrobin
  option httpchk GET /readyz
  default-server inter 200ms fall 1 rise 1
{servers}
""")
    return Process("haproxy", ["haproxy", "-db", "-f", file])


class Crowd(Process):
    """Clients that come back by themselves, and numbers for them."""

    def __init__(self, binary, network):
        super().__init__("crowd", [
            binary, f"--endpoint=ws://{network.here}:{CLIENTS_PORT}/socket",
            f"--control={network.here}:{LINK_PORT}", f"--topics={TOPICS}"])
        self.reports = []  # (when, what) of each, oldest first.

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        eventually("the crowd reports", lambda: self.reports)

    def _read(self):
        for line in self.child.stdout:
            self.reports.append((time.monotonic(), json.loads(line)))

    def say(self, command):
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()

    def now(self):
        """A report of what has happened until this call, at least."""
        count = len(self.reports)
        eventually("the crowd reports", lambda: len(self.reports) > count + 1)
        return self.reports[-1][1]

    def last(self):
        return self.reports[-1][1]


class Rates:
    """Looks at a counter of servers again and again, in a thread."""

    def __init__(self, servers, name, **labels):
        self._servers = servers
        self._name = name
        self._labels = labels
        self._ends = threading.Event()
        self._looks = {server.name: [[]] for server in servers}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ends.wait(0.2):
            for server in self._servers:
                before = time.monotonic()
                value = server.metric(self._name, **self._labels)
                life = self._looks[server.name][-1]
                if life and value < life[-1][2]:  # It has begun anew.
                    life = []
                    self._looks[server.name].append(life)
                life.append((before, time.monotonic(), value))

    def stop(self):
        self._ends.set()
        self._thread.join()

    def excess(self, allowed):
        """By how much a server's counter has risen at most beyond what is
        allowed in so many seconds, between any two looks."""
        worst = float("-inf")
        for lives in self._looks.values():
            for life in lives:
                for i, (before, _, value) in enumerate(life):
                    for _, after, later in life[i:]:
                        worst = max(worst,
                                    later - value - allowed(after - before))
        return worst
