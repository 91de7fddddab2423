// An image as Kubernetes would run it by the security context of a rendered pod,
// with runc: another user, no capabilities, a root that cannot be written to. The
// network is the machine's.
import {spawn, spawnSync} from "node:child_process";
import {once} from "node:events";
import {chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

export function run(command, ...args) {
  const {status, stdout, stderr, error} = spawnSync(command, args,
    {encoding: "utf8", maxBuffer: 64 << 20});
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

// Files for everybody's eyes: the container's user is not ours.
function open(directory) {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, {withFileTypes: true})) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) open(path);
    else chmodSync(path, 0o644);
  }
}

function specification(rootfs, image, pod, files) {
  const [{args, securityContext}] = pod.containers;
  const context = {...pod.securityContext, ...securityContext};
  const mount = (destination, type, source, ...options) =>
    ({destination, type, source, options});
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: {uid: context.runAsUser, gid: context.runAsGroup},
      args: [...image.config.Entrypoint, ...args],
      env: ["PATH=/usr/bin"],
      cwd: "/",
      capabilities: {},
      noNewPrivileges: !context.allowPrivilegeEscalation,
    },
    root: {path: rootfs, readonly: context.readOnlyRootFilesystem},
    mounts: [
      mount("/proc", "proc", "proc"),
      mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"),
      mount("/etc/aerie", "bind", join(files, "etc/aerie"), "rbind", "ro"),
    ],
    linux: {
      namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({type})),
    },
  };
}

export class Image {
  constructor(name) {
    this.name = name;
    const {OCIv1, FromImageID} = JSON.parse(run("buildah", "inspect", "--type", "image", name));
    Object.assign(this, {config: OCIv1.config, id: FromImageID});
    this.container = run("buildah", "from", name);
    this.root = run("buildah", "mount", this.container);
  }

  // Paths of all files, links included.
  files() {
    return run("find", this.root, "!", "-type", "d", "-printf", "/%P\n").split("\n");
  }

  bytes() {
    return Number(run("du", "-sb", this.root).split("\t")[0]);
  }

  // `files` is laid out below a folder as the pod's volumes are.
  start(pod, files) {
    open(files);
    return new Container(this, pod, files);
  }

  remove() {
    run("buildah", "umount", this.container);
    run("buildah", "rm", this.container);
  }
}

let serial = 0;

class Container {
  constructor(image, pod, files) {
    this.id = `aerie-test-${process.pid}-${++serial}`;
    this.bundle = mkdtempSync(join(tmpdir(), "aerie-bundle-"));
    this.state = join(this.bundle, "state");
    mkdirSync(this.state);
    writeFileSync(join(this.bundle, "config.json"),
      JSON.stringify(specification(image.root, image, pod, files)));
    this.child = spawn("runc",
      ["--root", this.state, "run", "--bundle", this.bundle, this.id],
      {stdio: ["ignore", "pipe", "pipe"]});
    this.log = "";
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on("data", (text) => { this.log += text; });
    }
    this.exited = once(this.child, "exit");
  }

  get ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get pid() {
    return JSON.parse(run("runc", "--root", this.state, "state", this.id)).pid;
  }

  async stop(signal = "TERM") {
    if (!this.ended) run("runc", "--root", this.state, "kill", this.id, signal);
    const ending = await this.exited;
    rmSync(this.bundle, {recursive: true, force: true});
    return ending;
  }
}
