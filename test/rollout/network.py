"""Where the processes are: hosts of their own on one machine, or loopback. Both
are to be used as contexts."""

import os
import shutil
import subprocess

WHY_NOT = """rollout: needs to be root, `ip` and network namespaces: each edge is
a host of its own. `test/rollout/run --loopback` runs it on addresses of
127.0.0.0/8."""


def _ip(*words):
    subprocess.run(["ip", *words], check=True, text=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Loopback:
    """Every host is this one, and has an address of its own."""

    def __init__(self):
        self._network = f"127.{os.getpid() % 200 + 20}.0"
        self.here = f"{self._network}.1"

    def add_host(self, number):
        """The address of a host, and the command in front of what runs
        there."""
        return f"{self._network}.{10 + number}", []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Namespaces:
    """Network namespaces behind a bridge. This host is on it, too; they have no
    way beyond it."""

    def __init__(self):
        self._name = f"rollout{os.getpid()}"  # At most 15 characters.
        self._network = f"10.213.{os.getpid() % 250}"
        self._hosts = []
        self.here = f"{self._network}.1"

    def __enter__(self):
        if shutil.which("ip") is None:
            raise PermissionError(WHY_NOT)
        try:
            _ip("link", "add", self._name, "type", "bridge")
            _ip("address", "add", f"{self.here}/24", "dev", self._name)
            _ip("link", "set", self._name, "up")
            self.add_host(0)
        except (OSError, subprocess.CalledProcessError) as error:
            self.__exit__()
            raise PermissionError(WHY_NOT) from error
        return self

    def __exit__(self, *_):
        for name in self._hosts:
            subprocess.run(["ip", "netns", "delete", name], check=False)
        subprocess.run(["ip", "link", "delete", self._name], check=False,
                       stderr=subprocess.DEVNULL)

    def add_host(self, number):
        """As Loopback's."""
        name = f"{self._name}-{number}"
        port = f"r{os.getpid()}-{number}"
        address = f"{self._network}.{10 + number}"
        _ip("netns", "add", name)
        self._hosts.append(name)
        _ip("link", "add", port, "type", "veth", "peer", "name", "eth0",
            "netns", name)
        _ip("link", "set", port, "master", self._name, "up")
        _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        return address, ["ip", "netns", "exec", name]
