// Elements: each that is there already stays and is changed, so that it keeps the focus, and a click that was begun.

/** A button; what a click does is found by its name. */
export function button(kind, act, value) {
  const made = text("button", "", kind);
  made.type = "button";
  Object.assign(made.dataset, { act, value });
  return made;
}

export function text(kind, words, look = "") {
  const made = document.createElement(kind);
  made.className = look;
  made.textContent = words;
  return made;
}

export function line(...parts) {
  const made = document.createElement("li");
  made.append(...parts);
  return made;
}

export function thumb(address) {
  const image = document.createElement("img");
  image.dataset.src = address; // loaded once it is on the page
  image.alt = "";
  return image;
}

export function update(place, made) {
  const old = [...place.childNodes];
  made.forEach((each, i) => (old[i] ? change(old[i], each) : place.append(each)));
  old.slice(made.length).forEach((each) => each.remove());
  for (const image of place.querySelectorAll("img[data-src]"))
    if (image.getAttribute("src") !== image.dataset.src) image.src = image.dataset.src;
}

function change(old, made) {
  if (old.nodeName !== made.nodeName) return old.replaceWith(made);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== made.data) old.data = made.data;
    return;
  }
  const own = (each) => !["src", "style"].includes(each.name);
  for (const { name, value } of [...made.attributes].filter(own))
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes].filter(own)) if (!made.hasAttribute(name)) old.removeAttribute(name);
  if (old.style.cssText !== made.style.cssText) old.style.cssText = made.style.cssText;
  update(old, [...made.childNodes]);
}
