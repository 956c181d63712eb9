"use strict";
// The time axis that the charts of a stream share: zoom, move, step from packet to packet.

const NARROWEST = 2e3; // ns: two microseconds, what most captures resolve
const FAR = 12; // pixels between a packet and the pointer from which on the tip says so

class View {
  constructor(key, end) {
    Object.assign(this, { key, charts: [], flows: [], waiting: false, packet: null });
    this.whole = [-0.01 * end, 1.01 * Math.max(end, 1e3)];
    [this.from, this.to] = this.whole;
  }

  set(from, to) {
    const width = Math.min(Math.max(to - from, NARROWEST), this.whole[1] - this.whole[0]);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - width / 2, this.whole[0]), this.whole[1] - width);
    this.to = this.from + width;
    for (const chart of this.charts) chart.tip.hidden = true; // it would point elsewhere
    this.redraw();
  }

  // One drawing for all that happens within a frame of the screen.
  redraw() {
    for (const chart of this.charts) chart.stale = true;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.draw());
  }

  draw(all = false) {
    this.waiting = false;
    for (const chart of this.charts) {
      if (!chart.stale || !(all || chart.near)) continue;
      chart.stale = false;
      chart.show();
    }
    this.output.textContent = this.words();
  }

  // The stretch that is shown, as exact as its length asks for.
  words() {
    const digits = Math.max(0, Math.min(9, Math.ceil(3 - Math.log10((this.to - this.from) / 1e9))));
    const seconds = (t) => (Math.min(Math.max(t, 0), this.whole[1] / 1.01) / 1e9).toFixed(digits);
    return `${seconds(this.from)} to ${seconds(this.to)} s`;
  }

  zoom(factor, at = (this.from + this.to) / 2) {
    this.set(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  move(share) {
    const by = share * (this.to - this.from);
    this.set(this.from + by, this.to + by);
  }

  all() {
    this.set(...this.whole);
  }

  act(name) {
    ({ in: () => this.zoom(0.5), out: () => this.zoom(2), left: () => this.move(-0.25),
       right: () => this.move(0.25), all: () => this.all() })[name]?.();
  }

  key_down(event, chart) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const name = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all" }[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.shiftKey && step) this.step(chart, step);
    else this.act(name);
  }

  // The packet before or after the one told last, of those that changed something.
  step(chart, direction) {
    const now = this.packet ?? { t: this.from, frame: -1 };
    const found = [chart.tables.state, chart.tables.segments]
      .map((table) => {
        let row = rowAt(table, now) + (direction > 0 ? 1 : 0);
        while (direction < 0 && row >= 0 && table.frame[row] >= now.frame && table.t[row] >= now.t) row--;
        return { t: table.t[row], frame: table.frame[row] };
      })
      .filter((packet) => packet.t !== undefined)
      .sort((a, b) => direction * (a.t - b.t || a.frame - b.frame));
    if (found.length) this.reveal(chart, found[0]);
  }

  // Tell about a packet that may be out of view: then bring it into view.
  reveal(chart, packet) {
    const half = (this.to - this.from) / 2;
    if (packet.t < this.from || packet.t > this.to) this.set(packet.t - half, packet.t + half);
    this.point(chart, packet);
  }

  // Show what is known about a packet beside it; of one that is out of view, at the edge. Nothing
  // moves: the pointer is over a stretch in which this packet was the last.
  point(chart, packet, pointer) {
    for (const other of this.charts) other.tip.hidden = true;
    this.packet = packet;
    const { tip, plot } = chart;
    const line = document.createElement("strong");
    line.textContent = `frame ${packet.frame} · ${(packet.t / 1e9).toFixed(6)} s`;
    const row = (text) => Object.assign(document.createElement("span"), { textContent: text });
    const words = readout(chart.tables, packet, chart.flow).map(([name, value]) => row(`${name} ${value}`));
    const room = plot.over.clientWidth;
    const share = (packet.t - this.from) / (this.to - this.from);
    if (pointer !== undefined && Math.abs(share * room - pointer) > FAR) {
      const after = ((pointer / room - share) * (this.to - this.from)) / 1e9;
      words.push(row(`the pointer is ${Math.abs(after).toPrecision(3)} s ${after < 0 ? "before" : "after"} it`));
    }
    tip.replaceChildren(line, ...words);
    tip.hidden = false;
    const size = tip.offsetWidth;
    const left = share * room + (share > 0.5 ? -size - 14 : 14);
    tip.style.transform = `translate(${Math.min(Math.max(left, 0), Math.max(room - size, 0))}px, 6px)`;
  }

  // The packet nearest to the pointer, by pixels; of a pixel column full of them too.
  nearest(chart, left, top) {
    const { plot, tables, panel } = chart;
    const time = (at) => plot.posToVal(at, "x") * 1e9;
    const [sx, sy] = [plot.over.clientWidth / (this.to - this.from), plot.over.clientHeight];
    const [low, high] = chart.limits;
    const y = (value) => sy * (1 - (value - low) / (high - low));
    let best = null;
    const look = (table, distance) => {
      const middle = placeOf(table.t, time(left));
      const [start, stop] = [placeOf(table.t, time(left - 6)), placeOf(table.t, time(left + 6), true)];
      for (let row = Math.max(0, Math.min(start, middle - 1)); row < Math.min(table.t.length, Math.max(stop, middle + 1)); row++) {
        const dx = (table.t[row] - this.from) * sx - left;
        const far = Math.hypot(dx, Math.min(distance(row), 1e6));
        if (!best || far < best.far) best = { far, t: table.t[row], frame: table.frame[row] };
      }
    };
    for (const bars of panel.bars)
      look({ t: bars.t, frame: bars.frame }, (row) => Math.max(0, y(bars.high[row]) - top, top - y(bars.low[row])));
    if (panel.frame) look(panel, (row) => Math.min(...panel.lines.map((line) => Math.abs(y(line[row]) - top)), panel.strip ? 0 : 1e6));
    return best;
  }

  listen(chart) {
    const { over } = chart.plot;
    this.charts.push(chart);
    const fingers = new Map();
    let touched = NaN;
    const place = (event) => event.clientX - over.getBoundingClientRect().left;
    const tell = (event) => {
      const rect = over.getBoundingClientRect();
      const packet = this.nearest(chart, event.clientX - rect.left, event.clientY - rect.top);
      if (packet) this.point(chart, packet, event.clientX - rect.left);
    };
    over.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (before !== undefined) {
        const others = [...fingers.values()];
        fingers.set(event.pointerId, place(event));
        this.drag(over, others, [...fingers.values()]);
        return;
      }
      tell(event);
    });
    over.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && !event.shiftKey) return; // uPlot's selection
      over.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, place(event));
      touched = fingers.size === 1 && event.pointerType !== "mouse" ? place(event) : NaN;
    });
    over.addEventListener("pointerup", (event) => {
      if (Math.abs(place(event) - touched) < FAR) tell(event); // a finger cannot hover: it taps
    });
    for (const name of ["pointerup", "pointercancel"])
      over.addEventListener(name, (event) => fingers.delete(event.pointerId));
    over.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") chart.tip.hidden = true;
    });
    over.addEventListener("dblclick", () => this.all());
    over.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      const at = this.from + (place(event) / over.clientWidth) * (this.to - this.from);
      this.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200))), at);
    }, { passive: false });
  }

  // What was under the fingers stays under them.
  drag(over, before, after) {
    const time = (at) => this.from + (at / over.clientWidth) * (this.to - this.from);
    const [a, b] = [time(Math.min(...before)), time(Math.max(...before))];
    const [left, right] = [Math.min(...after), Math.max(...after)];
    if (before.length < 2 || right - left < 10) {
      const by = time(before[0]) - time(after[0]);
      this.set(this.from + by, this.to + by);
      return;
    }
    const scale = (b - a) / (right - left);
    this.set(a - left * scale, a + (over.clientWidth - left) * scale);
  }
}
