// A chat room on the official Phoenix client: the room's topic relays what its
// members push; the topic echo: answers pings, which gives the round trip.
import {Socket} from "./phoenix.mjs";

const PING_INTERVAL_MS = 2000;
const TYPING_MS = 2500;
const MESSAGES_SHOWN = 500;

const byId = (id) => document.getElementById(id);
const ui = {
  state: byId("state"),
  transport: byId("transport"),
  rtt: byId("rtt"),
  messages: byId("messages"),
  empty: byId("empty"),
  another: byId("another"),
  typing: byId("typing"),
  roomForm: byId("room-form"),
  room: byId("room"),
  messageForm: byId("message-form"),
  name: byId("name"),
  text: byId("text"),
};

// One window is one member, whatever name it goes by.
const member = crypto.getRandomValues(new Uint32Array(2)).join("-");

// Where something between here and the edge breaks WebSockets, it polls.
const socket = new Socket("/socket", {longPollFallbackMs: 2500});

// Connection

function showState(state, text = state) {
  ui.state.dataset.state = state;
  ui.state.textContent = text;
}

function watchConnection() {
  let opened = false;
  socket.onOpen(() => {
    opened = true;
    showState("connected");
    ui.transport.textContent = `over ${socket.transport.name}`;
  });
  socket.onClose(() => {
    showState(opened ? "reconnecting" : "connecting");
    ui.transport.textContent = "";
    ui.rtt.textContent = "–";
  });
}

function measureRoundTrips() {
  const echo = socket.channel(`echo:${member}`);
  const measure = () => {
    if (!socket.isConnected() || echo.state !== "joined") return;
    const sent = performance.now();
    echo.push("ping", {}).receive("ok", () => {
      ui.rtt.textContent = `${(performance.now() - sent).toFixed(1)} ms`;
    });
  };
  echo.join().receive("ok", measure);
  setInterval(measure, PING_INTERVAL_MS);
}

// Messages

let last = null;  // Who wrote the message above, and when.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Whether the reader is at the end and wants to stay there.
let atEnd = true;

function scrollToEnd() {
  ui.messages.scrollTop = ui.messages.scrollHeight;
}

function append(item) {
  const list = ui.messages;
  list.append(item);
  while (list.children.length > MESSAGES_SHOWN) list.firstChild.remove();
  if (atEnd || item.classList.contains("own")) scrollToEnd();
  ui.empty.hidden = true;
}

function showNotice(text) {
  last = null;
  const nothingSaid = !ui.empty.hidden;
  append(element("li", "notice", text));
  ui.empty.hidden = !nothingSaid;
}

// A name keeps its color in every window.
function hue(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean).slice(0, 2);
  return words.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

function showMessage({member: from, name, text}) {
  const now = new Date();
  const follows = last && last.from === from && last.name === name &&
    now - last.at < 60_000;
  last = {from, name, at: now};

  const item = element("li");
  item.classList.toggle("own", from === member);
  item.classList.toggle("follows", Boolean(follows));
  item.style.setProperty("--hue", hue(name));

  const face = element("span", "face", initials(name));
  face.setAttribute("aria-hidden", "true");
  const who = element("p", "who");
  const time = element("time", "", now.toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
  }));
  time.dateTime = now.toISOString();
  who.append(element("b", "", name), time);
  item.append(face, who, element("p", "what", text));
  append(item);
  return item;
}

// What comes over the wire was written by any client at all.
function isMessage(payload) {
  return typeof payload.member === "string" &&
    typeof payload.name === "string" && typeof payload.text === "string";
}

// Who is typing

let typingTimer = null;

function showTyping(name) {
  clearTimeout(typingTimer);
  ui.typing.textContent = name ? `${name} is typing…` : "";
  if (name) typingTimer = setTimeout(showTyping, TYPING_MS);
}

let toldTypingAt = 0;

function tellTyping() {
  const now = Date.now();
  if (!ui.text.value || now - toldTypingAt < TYPING_MS / 2) return;
  if (!socket.isConnected() || room?.state !== "joined") return;
  toldTypingAt = now;
  room.push("typing", {member, name: ui.name.value.trim()});
}

// The room

let room = null;

function roomName() {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    // A hash that is no encoding is a name as it stands.
  }
  return name.slice(0, 40) || "lobby";
}

function enterRoom() {
  const name = roomName();
  if (room) room.leave();
  ui.messages.replaceChildren();
  ui.empty.hidden = false;
  ui.room.value = name;
  ui.another.href = `#${encodeURIComponent(name)}`;
  document.title = `${name} – Aerie chat`;
  last = null;
  showTyping("");

  const entered = socket.channel(`room:${name}`);
  room = entered;
  entered.on("message", (payload) => {
    if (!isMessage(payload) || payload.member === member) return;
    showTyping("");
    showMessage(payload);
  });
  entered.on("typing", (payload) => {
    if (typeof payload.name !== "string" || payload.member === member) return;
    showTyping(payload.name);
  });
  entered.onError(() => {
    if (room === entered && socket.isConnected()) {
      showNotice("The room was lost; entering it again …");
    }
  });
  let joins = 0;
  entered.join()
    .receive("ok", () => {
      joins += 1;
      showNotice(joins === 1 ? `You are in ${name}.` : "You are back.");
    })
    .receive("error", ({reason}) => {
      if (reason === "unavailable") return;  // Tried again by itself.
      showState("refused", `not let in: ${reason ?? "no reason given"}`);
    });
}

// Shown at once, paler until the server has it.
function send(text) {
  const name = ui.name.value.trim();
  const item = showMessage({member, name, text});
  item.classList.add("waiting");
  const settle = (failed) => {
    item.classList.remove("waiting");
    item.classList.toggle("failed", failed);
    item.title = failed ? "Not delivered" : "";
  };
  room.push("message", {member, name, text})
    .receive("ok", () => settle(false))
    .receive("error", () => settle(true))
    .receive("timeout", () => settle(true));
}

// Names

function rememberName() {
  const name = ui.name.value.trim();
  if (!name) return;
  try {
    sessionStorage.setItem("name", name);
  } catch {
    // Without storage a name lasts as long as its window.
  }
}

function suggestName() {
  const names = ["Ada", "Alan", "Barbara", "Donald", "Edsger", "Frances",
    "Grace", "Joe", "Katherine", "Leslie", "Margaret", "Niklaus", "Robin",
    "Tony"];
  let name = null;
  try {
    name = sessionStorage.getItem("name");
  } catch {
    // As above.
  }
  ui.name.value = name || names[Math.floor(Math.random() * names.length)];
}

ui.messages.addEventListener("scroll", () => {
  const {scrollHeight, scrollTop, clientHeight} = ui.messages;
  atEnd = scrollHeight - scrollTop - clientHeight < 80;
});
// A phone's keyboard takes half of the list.
new ResizeObserver(() => {
  if (atEnd) scrollToEnd();
}).observe(ui.messages);
ui.messageForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = ui.text.value.trim();
  if (text) send(text);
  ui.text.value = "";
  ui.text.focus();
  toldTypingAt = 0;
});
ui.text.addEventListener("input", tellTyping);
ui.name.addEventListener("change", rememberName);
ui.roomForm.addEventListener("submit", (event) => {
  event.preventDefault();
  location.hash = encodeURIComponent(ui.room.value.trim() || "lobby");
  ui.text.focus();
});
addEventListener("hashchange", enterRoom);

suggestName();
watchConnection();
socket.connect();
enterRoom();
measureRoundTrips();
ui.text.focus();
