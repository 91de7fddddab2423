"""The processes that are measured: built, started on free ports, stopped."""

import json
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / ".out" / "bench"
PATIENCE_S = 20
_FLAGS = ["--config=opt"]


def build(targets, again=True):
    """Release binaries by name: built now, or as they were built last."""
    copies = OUT / "bin"
    if not again:
        return {name: copies / name for name in targets}
    quiet = ["--noshow_progress", "--ui_event_filters=-info"]
    subprocess.run(["bazel", "build", *quiet, *_FLAGS, *targets.values()],
                   cwd=ROOT, check=True)
    found = subprocess.run(["bazel", "info", *_FLAGS, "bazel-bin"], cwd=ROOT,
                           check=True, text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    folder = pathlib.Path(found.stdout.strip())
    # Other builds may replace what lies there while these run.
    copies.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, target in targets.items():
        package, _, binary = target.removeprefix("//").partition(":")
        binary = binary or package.rsplit("/", 1)[-1]
        paths[name] = copies / name
        paths[name].unlink(missing_ok=True)
        paths[name].write_bytes((folder / package / binary).read_bytes())
        paths[name].chmod(0o755)
    return paths


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A child whose output goes to a file."""

    def __init__(self, name, command):
        (OUT / "logs").mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = OUT / "logs" / f"{name}.log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(command, stdout=log, stderr=log)
        self.pid = self.child.pid

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                break
            if condition():
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.name} does not start, see {self.log}")

    def stop(self):
        self.child.kill()
        self.child.wait()


def _page(port, name):
    """Of an admin port; empty while there is none."""
    try:
        page = f"http://127.0.0.1:{port}/{name}"
        return urllib.request.urlopen(page, timeout=1).read().decode()
    except (urllib.error.URLError, OSError):
        return ""


def _ready(port):
    return _page(port, "readyz") != ""


class Aerie:
    """A broker, its edges, and maybe a host for `hosted:*`. Use it as a
    context."""

    def __init__(self, paths, edges=1, host=False):
        self.paths = paths
        self.edge_count = edges
        self.has_host = host
        self.host = None
        self.processes = []
        self.urls = []

    def __enter__(self):
        try:
            self.link_port = free_port()
            self._start("broker", "broker", {
                "listen": f"127.0.0.1:{self.link_port}"})
            for i in range(self.edge_count):
                port = free_port()
                self._start("edge", f"edge{i or ''}", {
                    "name": f"edge{i}",
                    "listen": f"127.0.0.1:{port}",
                    "broker": {"address": f"127.0.0.1:{self.link_port}"},
                    "limits": {"connects_per_second": 0}})
                self.urls.append(f"ws://127.0.0.1:{port}/socket/websocket")
            if self.has_host:
                self._start_host()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, binary, name, config):
        admin = free_port()
        if binary == "broker":
            self.broker_admin = admin
        config["admin"] = {"listen": f"127.0.0.1:{admin}"}
        config["log"] = {"level": "warning"}
        OUT.mkdir(parents=True, exist_ok=True)
        file = OUT / f"{name}.yaml"
        file.write_text(json.dumps(config, indent=2))  # JSON is YAML.
        process = Process(name, [self.paths[binary], "--config", file])
        self.processes.append(process)
        process.wait_for(lambda: _ready(admin))

    def _start_host(self):
        self.host = Process("echo_host", [self.paths["echo_host"],
                                          f"127.0.0.1:{self.link_port}"])
        self.host.wait_for(lambda: "aerie_broker_hosts 1" in
                           _page(self.broker_admin, "metrics"))

    def __exit__(self, *_):
        if self.host:
            self.host.stop()
        for process in reversed(self.processes):
            process.stop()

    def flags(self):
        pids = ",".join(f"{p.name}={p.pid}" for p in self.processes)
        return ["--target", ",".join(self.urls), "--pid", pids,
                "--link_port", str(self.link_port),
                "--control", f"127.0.0.1:{self.link_port}"]


class Bare:
    """A bare server, `broadcast` or `echo`. Use it as a context."""

    def __init__(self, paths, mode):
        self.paths = paths
        self.mode = mode

    def __enter__(self):
        self.process = Process(f"bare_{self.mode}",
                               [self.paths["bare"], self.mode])
        self.process.wait_for(lambda: "\n" in self.process.log.read_text())
        port = self.process.log.read_text().split()[1]
        self.url = f"ws://127.0.0.1:{port}/"
        return self

    def __exit__(self, *_):
        self.process.stop()

    def flags(self):
        return ["--target", self.url, "--pid", f"bare={self.process.pid}"]


class Elsewhere:
    """A server that runs already. Use it as a context."""

    def __init__(self, url, pids):
        self.url = url
        self.pids = pids

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def flags(self):
        return ["--target", self.url, *(["--pid", self.pids] if self.pids
                                        else [])]


def load(paths, mode, server, flags):
    """Runs the generator; returns its figures, or raises what went wrong."""
    command = [paths["load"], mode, *server.flags(),
               *(f"--{name}={value}" for name, value in flags.items())]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          check=False)
    figures = json.loads(done.stdout) if done.stdout else {}
    if done.returncode != 0:
        said = figures.get("first_failure",
                           f"no figures, exit {done.returncode}")
        raise RuntimeError(f"{mode}: {said}")
    return figures
