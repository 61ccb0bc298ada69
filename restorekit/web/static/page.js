// The page: what was brought, what is made of it, and what one may choose.

import { Pair } from "./clip.js";
import { Compare } from "./compare.js";
import { button, line, text, thumb, update } from "./elements.js";

const at = (id) => document.getElementById(id);
const SCREEN = 1600;
const CLOSER = 900;
const THUMB = 96;

const whole = new Compare(at("whole"), "How much of the photo is shown as it was before");
const closer = new Compare(at("closer"), "How much of the face is shown as it was before");
const pair = new Pair(at("clip"));
const detail = new Compare(at("all-of-it"), "How much of the photo is shown as it was before, in full size");
detail.room.tabIndex = 0;
detail.room.setAttribute("role", "region");
detail.room.setAttribute("aria-label", "The photo, to be moved");

let visit; // where this visitor's photos are
let photos = []; // as the server told last
let sending = []; // what is on its way until the server tells of it: names, and how much of each
let shown = null; // the id of the photo on the stage
let focus = {}; // for a photo the number of the face that is shown closer

const HOW = {
  waiting: "Waiting for its turn",
  reading: "Opening the photo",
  looking: "Looking at the photo",
  restoring: "Restoring",
  cancelled: "Cancelled",
  failed: "Not restored",
  done: "Done",
};
const BUSY = ["waiting", "reading", "looking", "restoring"];

async function ask(method, path, body) {
  const answer = await fetch(path, { method, body });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/** Ask, and say on the page what goes wrong. */
async function attempt(...request) {
  try {
    at("trouble").textContent = "";
    return await ask(...request);
  } catch (error) {
    at("trouble").textContent = error.message;
    return null;
  }
}

const json = (value) => new Blob([JSON.stringify(value)], { type: "application/json" });
const strength = () => at("strength").value / 100;
const place = (photo) => `${visit}/photos/${photo.id}`;
const time = (seconds) =>
  seconds < 1 ? "nearly done" : seconds < 90 ? `about ${Math.round(seconds)} s left` : `about ${Math.round(seconds / 60)} min left`;
const left = (photo) => (photo.left === null ? "" : `, ${time(photo.left)}`);

function picture(photo, side, most, box) {
  const part = box ? `&box=${box.map((each) => Math.max(Math.round(each), 0)).join()}` : "";
  const version = side === "after" ? `&v=${photo.version}` : "";
  return `${place(photo)}/${side}.jpg?most=${most}${part}${version}`;
}

/** What is shown around a face: a quarter more on each side. */
function around([x, y, width, height], [most_x, most_y]) {
  const left = Math.max(x - width / 4, 0);
  const upper = Math.max(y - height / 4, 0);
  return [left, upper, Math.min(x + 1.25 * width, most_x) - left, Math.min(y + 1.25 * height, most_y) - upper];
}

// Bringing photos

async function bring(files) {
  const row = [...files].map((file) => ({ file, name: file.name, share: 0 }));
  sending.push(...row);
  list();
  if (!(await begun)) {
    sending = [];
    return list();
  }
  for (const one of row) {
    const made = await send(one);
    if (made) one.photo = made.photo;
    else sending = sending.filter((each) => each !== one);
    if (made && shown === null) shown = made.photo;
    list();
  }
}

function send(one) {
  return new Promise((done) => {
    const request = new XMLHttpRequest(); // which tells how much was sent
    request.open("POST", `${visit}/photos?name=${encodeURIComponent(one.name)}`);
    request.upload.onprogress = (event) => {
      one.share = event.loaded / Math.max(event.total, 1);
      list();
    };
    request.onload = () => {
      const fine = request.status === 200;
      at("trouble").textContent = fine ? "" : request.responseText;
      done(fine ? JSON.parse(request.responseText) : null);
    };
    request.onerror = () => {
      at("trouble").textContent = `${one.name} could not be sent; is it larger than the page takes?`;
      done(null);
    };
    request.send(one.file);
  });
}

// Showing them

function list() {
  sending = sending.filter((one) => !photos.some((photo) => photo.id === one.photo));
  const items = photos.map((photo) => {
    const item = button("photo", "look", photo.id);
    if (photo.version && !photo.clip) item.append(thumb(picture(photo, "before", THUMB)));
    item.append(text("span", photo.name, "called"), text("span", HOW[photo.phase] + left(photo), "how"));
    if (photo.id === shown) item.setAttribute("aria-current", "true");
    return item;
  });
  const more = sending.map((one) => {
    const item = text("div", "", "photo");
    item.append(text("span", one.name, "called"), text("span", `Sending, ${Math.round(100 * one.share)} %`, "how"));
    return item;
  });
  update(at("photos"), [...items, ...more].map((each) => line(each)));
  document.body.classList.toggle("empty", !photos.length && !sending.length);
}

function show() {
  const photo = photos.find((each) => each.id === shown) ?? photos[0];
  at("stage").hidden = !photo;
  list();
  if (!photo) return;
  shown = photo.id;
  at("name").textContent = photo.name;
  const busy = BUSY.includes(photo.phase);
  const done = photo.phase === "done";
  document.body.dataset.phase = photo.phase;
  at("whole").hidden = !photo.version || photo.clip;
  at("clip").hidden = !photo.clip;
  if (photo.clip) play(photo, done);
  else if (photo.version) {
    whole.show(picture(photo, "before", SCREEN), picture(photo, photo.made ? "after" : "before", SCREEN), photo.name);
    boxes(photo);
  }
  at("course").hidden = done || photo.phase === "failed";
  at("bar").hidden = at("cancel").hidden = !busy;
  if (photo.share === null) at("bar").removeAttribute("value");
  else at("bar").value = photo.share;
  at("now").textContent = HOW[photo.phase] + left(photo);
  at("again").hidden = busy;
  update(at("said"), photo.said.map((each) => text("p", each)));
  at("said").className = photo.phase === "failed" ? "bad" : "";
  at("download").hidden = !done;
  at("full").hidden = !done || photo.clip;
  at("download").href = `${place(photo)}/file?strength=${strength()}`;
  const finished = photos.filter((each) => each.phase === "done").length;
  at("all").hidden = finished < 2;
  at("all").textContent = `Download all ${finished}`;
  at("all").href = `${visit}/all?strength=${strength()}`;
  faces(photo);
  blend();
}

/** Show a clip beside its source; browsers play a picture that moves as a picture. */
function play(photo, done) {
  const kind = /\.(gif|a?png|webp)$/i.test(photo.name) ? "image/" : "video/";
  const after = done ? `${place(photo)}/after/clip?v=${photo.version}` : null;
  pair.show(kind, `${place(photo)}/before/clip`, after, photo.name);
}

function boxes(photo) {
  const [width, height] = photo.size;
  update(whole.boxes, photo.parts.map((part, number) => {
    const box = button(part.restored ? "box" : "box left", "toggle", number);
    box.setAttribute("aria-label", `${called(photo, number)}, ${part.words}. ${offer(part)}`);
    box.title = `${part.words}. ${offer(part)}`;
    const [x, y, wide, high] = part.box;
    for (const [key, value] of [["left", x / width], ["top", y / height], ["width", wide / width], ["height", high / height]])
      box.style.setProperty(key, `${100 * value}%`);
    if (photo.parts.length > 1) box.append(text("span", number + 1, "number"));
    return box;
  }));
}

const offer = (part) => (part.restored ? "Leave it as it was" : "Restore it all the same");
const called = (photo, number) => (photo.parts.length > 1 ? `Face ${number + 1}` : "The face");

function faces(photo) {
  at("faces").hidden = !photo.parts.length;
  if (!photo.parts.length) return;
  at("faces-title").textContent = photo.parts.length > 1 ? `${photo.parts.length} faces` : "One face";
  const number = focus[photo.id] ?? photo.focus ?? 0;
  update(at("face-list"), photo.parts.map((part, each) => {
    const look = button("look", "closer", each);
    look.setAttribute("aria-label", `Look closer at ${called(photo, each).toLowerCase()}`);
    look.setAttribute("aria-pressed", each === number);
    look.append(thumb(picture(photo, "before", THUMB, around(part.box, photo.size))));
    const change = button("change", "toggle", each);
    change.textContent = offer(part);
    change.setAttribute("aria-label", `${called(photo, each)}: ${offer(part)}`);
    return line(look, text("span", `${called(photo, each)}: ${part.words}`), change);
  }));
  const box = around(photo.parts[number].box, photo.size);
  const small = 2 * box[2] <= photo.size[0];
  at("closer").hidden = !small;
  if (!small) return;
  const side = photo.made ? "after" : "before";
  closer.show(picture(photo, "before", CLOSER, box), picture(photo, side, CLOSER, box), called(photo, number));
}

function toggle(number) {
  const photo = here();
  focus[photo.id] = number;
  attempt("PUT", `${place(photo)}/parts/${number}`, json({ restore: !photo.parts[number].restored }));
}

/** Show a share of the change, as the download will have it: what was computed over what was there. */
function blend() {
  at("percent").textContent = `${at("strength").value} %`;
  for (const each of [whole, closer, detail]) each.after.style.setProperty("opacity", strength());
}

/** Begin in full size where the largest face is, or in the middle. */
function middle(photo) {
  const [x, y, width, height] = photo.parts[focus[photo.id] ?? photo.focus]?.box ?? [0, 0, ...photo.size];
  const { clientWidth, clientHeight } = detail.room;
  detail.room.scrollTo(x + (width - clientWidth) / 2, y + (height - clientHeight) / 2);
  detail.move((100 * (x + width / 2)) / photo.size[0]);
}

// What a click does

const acts = {
  look: (id) => { shown = id; show(); },
  closer: (number) => { focus[shown] = Number(number); show(); },
  toggle: (number) => toggle(Number(number)),
};
const here = () => photos.find((each) => each.id === shown);

function options(select, values, value) {
  select.replaceChildren(...values.map((each) => new Option(each, each)));
  select.value = value;
}

// Beginning

async function choose() {
  const made = await attempt("PUT", `${visit}/choice`, json({ model: at("model").value, way: at("way").value }));
  if (made) at("terms").textContent = made.terms;
}

/** What somebody does before the server has answered counts too. */
function listen() {
  at("files").addEventListener("change", (event) => {
    bring([...event.target.files]);
    event.target.value = "";
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    bring([...event.dataTransfer.files]);
  });
  at("strength").addEventListener("input", () => show());
  at("way").addEventListener("change", choose);
  at("model").addEventListener("change", choose);
  addEventListener("click", (event) => {
    const { act, value } = event.target.closest("[data-act]")?.dataset ?? {};
    if (act) acts[act](value);
  });
  at("cancel").addEventListener("click", () => attempt("POST", `${place(here())}/cancel`));
  at("again").addEventListener("click", () => attempt("POST", `${place(here())}/again`));
  at("remove").addEventListener("click", () => attempt("DELETE", place(here())));
  at("full").addEventListener("click", () => {
    const photo = here();
    detail.show(picture(photo, "before", 0), picture(photo, "after", 0), photo.name);
    at("detail").showModal();
    detail.room.focus();
    detail.after.addEventListener("load", () => middle(photo), { once: true });
    middle(photo);
  });
}

async function begin() {
  const told = await ask("POST", "visits");
  visit = `visits/${told.visitor}`;
  at("strength").value = 100 * told.strength;
  options(at("way"), told.ways, told.ways[0]);
  options(at("model"), told.models, told.models[0]);
  at("way-of").hidden = told.ways.length < 2;
  at("model-of").hidden = told.models.length < 2;
  at("terms").textContent = told.terms;
  at("privacy").textContent = told.privacy;
  const events = new EventSource(`${visit}/events`);
  events.onmessage = (event) => {
    photos = JSON.parse(event.data).photos;
    show();
  };
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) at("trouble").textContent = "The page has ended. Start it again, and load this page again.";
  };
  blend();
}

listen();
list();
const begun = begin().then(() => true, (error) => {
  at("trouble").textContent = `The page could not begin (${error.message}). Load it again.`;
  return false;
});
