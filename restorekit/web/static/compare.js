// Before and after in one place: the left part shows the one, the right part the other.

/** A picture before and after, with a slider between them, by pointer and by keyboard. */
export class Compare {
  /** @param {HTMLElement} place where it goes  @param {string} label what the slider is called */
  constructor(place, label) {
    this.frame = document.createElement("div");
    this.frame.className = "frame";
    [this.before, this.after] = ["before", "after"].map((side) => {
      const image = document.createElement("img");
      image.className = side;
      image.draggable = false;
      return this.frame.appendChild(image);
    });
    this.line = this.frame.appendChild(document.createElement("div"));
    this.line.className = "line";
    this.boxes = this.frame.appendChild(document.createElement("div"));
    this.boxes.className = "boxes";
    this.room = document.createElement("div");
    this.room.className = "room";
    this.room.append(this.frame);
    const under = document.createElement("label");
    under.className = "between";
    this.slider = document.createElement("input");
    Object.assign(this.slider, { type: "range", min: 0, max: 100, value: 50 });
    this.slider.setAttribute("aria-label", label);
    under.append("Before", this.slider, "After");
    place.append(this.room, under);
    this.slider.addEventListener("input", () => this.move(this.slider.value));
    this.frame.addEventListener("pointerdown", (event) => this.drag(event));
    this.move(50);
  }

  /** Put the line at so many percent of the width. */
  move(percent) {
    this.slider.value = percent;
    this.frame.style.setProperty("--at", `${percent}%`);
    this.slider.setAttribute("aria-valuetext", `${Math.round(percent)} percent before`);
  }

  drag(event) {
    if (event.button || event.target.closest("button")) return;
    const follow = ({ clientX }) => {
      const { left, width } = this.frame.getBoundingClientRect();
      this.move(Math.min(Math.max((100 * (clientX - left)) / width, 0), 100));
    };
    const end = () => {
      removeEventListener("pointermove", follow);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    follow(event);
    addEventListener("pointermove", follow);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  /** Show two pictures of one size; a picture that is there already is not loaded again. */
  show(before, after, words) {
    for (const [image, address, side] of [[this.before, before, "before"], [this.after, after, "after"]]) {
      image.alt = `${words}, ${side}`;
      if (image.getAttribute("src") === address) continue;
      const waiting = new Image(); // the one before stays until this one is there
      image.wanted = address;
      waiting.src = address;
      waiting.decode().catch(() => {}).then(() => {
        if (image.wanted === address) image.src = address;
      });
    }
  }
}
