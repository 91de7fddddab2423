// Opens a WebSocket as phoenix.js does, sends a heartbeat, joins TOPIC and asks
// it for an echo. Needs nothing but Node 18.
//
// URL names the mount's websocket; TOPIC, ORIGIN and TOKEN may be empty;
// CERTIFICATE is a file with the one certificate that the edge must show. Tries
// for a minute: right after an upgrade the first edges may still be starting.
import {randomBytes, X509Certificate} from "node:crypto";
import {readFileSync} from "node:fs";
import http from "node:http";
import https from "node:https";
import {setTimeout as sleep} from "node:timers/promises";

const {URL: target, TOPIC, ORIGIN, TOKEN, CERTIFICATE} = process.env;
const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 60_000);
const ANSWER_MS = 10_000;

function options() {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
  };
  if (ORIGIN) headers.Origin = ORIGIN;
  if (TOKEN) headers["X-Phoenix-AuthToken"] = TOKEN;
  // The names in it are those that clients outside use, so it is compared.
  return {headers, agent: false, rejectUnauthorized: !CERTIFICATE};
}

function shown(socket) {
  const wanted = new X509Certificate(readFileSync(CERTIFICATE)).fingerprint256;
  const found = socket.getPeerCertificate().fingerprint256;
  if (found !== wanted) throw new Error(`the edge shows another certificate, ${found}`);
}

// Gives the socket behind the upgrade, and what has come with it.
function upgrade() {
  const url = new URL(target);
  url.searchParams.set("vsn", "2.0.0");
  const {get} = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = get(url, options());
    request.setTimeout(ANSWER_MS,
      () => request.destroy(new Error("no answer to the upgrade")));
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      reject(new Error(`the upgrade is answered ${response.statusCode}`));
    });
    request.on("upgrade", (_response, socket, head) => {
      socket.setTimeout(0);
      try {
        if (CERTIFICATE) shown(socket);
      } catch (error) {
        socket.destroy();
        return reject(error);
      }
      resolve({socket, head});
    });
  });
}

// A masked text frame of up to 65,535 bytes.
function frame(text) {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head = payload.length < 126
    ? [0x81, 0x80 | payload.length]
    : [0x81, 0xfe, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), mask,
    payload.map((byte, at) => byte ^ mask[at % 4])]);
}

// Takes whole frames off the front of `bytes`; gives them and the rest.
function parse(bytes) {
  const frames = [];
  for (;;) {
    if (bytes.length < 2) return {frames, rest: bytes};
    let size = bytes[1] & 0x7f;
    let from = 2;
    if (size === 126) {
      if (bytes.length < 4) return {frames, rest: bytes};
      size = bytes.readUInt16BE(2);
      from = 4;
    }
    if (size === 127) throw new Error("a frame of more than 65,535 bytes");
    if (bytes.length < from + size) return {frames, rest: bytes};
    frames.push({opcode: bytes[0] & 0x0f,
      payload: bytes.subarray(from, from + size)});
    bytes = bytes.subarray(from + size);
  }
}

// Sends [join_ref, ref, topic, event, payload] and gives the reply to it.
function ask({socket, head}, message) {
  const [, ref, topic, event] = message;
  return new Promise((resolve, reject) => {
    let bytes = head;
    const timer = setTimeout(
      () => end(reject, new Error(`no reply to ${event} on ${topic}`)), ANSWER_MS);
    const gone = () => end(reject, new Error(`closed before the reply to ${event}`));
    const end = (settle, value) => {
      clearTimeout(timer);
      socket.off("data", take).off("close", gone).off("error", gone);
      settle(value);
    };
    const take = (more) => {
      bytes = Buffer.concat([bytes, more]);
      const {frames, rest} = parse(bytes);
      bytes = rest;
      for (const {opcode, payload} of frames) {
        if (opcode === 8) {
          const code = payload.length < 2 ? "no code" : payload.readUInt16BE(0);
          return end(reject, new Error(`closed by the edge with ${code}`));
        }
        if (opcode !== 1) continue;
        const [, its, , kind, answer] = JSON.parse(payload.toString());
        if (its === ref && kind === "phx_reply") return end(resolve, answer);
      }
    };
    socket.on("data", take).on("close", gone).on("error", gone);
    socket.write(frame(JSON.stringify(message)));
  });
}

async function checked(connection, message, wanted) {
  const {status, response} = await ask(connection, message);
  const said = JSON.stringify(response);
  if (status !== "ok" || (wanted && said !== JSON.stringify(wanted))) {
    throw new Error(`${message[3]} on ${message[2]} is answered ${status} ${said}`);
  }
  console.log(`${message[3]} on ${message[2]}: ok`);
}

async function conversation() {
  const connection = await upgrade();
  console.log(`${target}: upgraded`);
  try {
    await checked(connection, [null, "1", "phoenix", "heartbeat", {}]);
    if (!TOPIC) return;
    await checked(connection, ["2", "2", TOPIC, "phx_join", {}]);
    const payload = {nonce: randomBytes(8).toString("hex")};
    await checked(connection, ["2", "3", TOPIC, "ping", payload], payload);
    await checked(connection, ["2", "4", TOPIC, "phx_leave", {}]);
  } finally {
    connection.socket.destroy();
  }
}

const deadline = Date.now() + PATIENCE_MS;
for (;;) {
  try {
    await conversation();
    break;
  } catch (error) {
    console.error(error.message);
    if (Date.now() > deadline) process.exit(1);
    await sleep(2_000);
  }
}
