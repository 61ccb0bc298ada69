// A clip before and after, side by side and in step.

const FAR = 0.05; // seconds by which the second may be off

/** Two players, of which the second follows the first. */
export class Pair {
  /** @param {HTMLElement} place where they go */
  constructor(place) {
    this.place = place;
    this.shown = "";
  }

  /** Show a clip: as a picture that moves if its kind is one, else as a video; null for what is not there yet. */
  show(kind, before, after, words) {
    const wanted = [kind, before, after].join();
    if (wanted === this.shown) return;
    this.shown = wanted;
    const element = kind.startsWith("image/") ? "img" : "video";
    const [first, second] = [[before, "before"], [after, "after"]].map(([address, side]) => {
      const made = document.createElement(element);
      if (address) made.src = address;
      if (element === "img") made.alt = `${words}, ${side}`;
      else Object.assign(made, { controls: side === "before", loop: true, playsInline: true, muted: side === "after" });
      made.setAttribute("aria-label", `${words}, ${side}`);
      made.hidden = !address;
      return made;
    });
    this.place.replaceChildren(first, second);
    if (element === "video" && after) this.follow(first, second);
  }

  follow(first, second) {
    const step = () => {
      if (Math.abs(first.currentTime - second.currentTime) > FAR) second.currentTime = first.currentTime;
    };
    first.addEventListener("play", () => { step(); second.play(); });
    first.addEventListener("pause", () => { second.pause(); second.currentTime = first.currentTime; });
    first.addEventListener("ratechange", () => { second.playbackRate = first.playbackRate; });
    for (const each of ["seeking", "seeked", "timeupdate"]) first.addEventListener(each, step);
  }
}
