"use strict";
// One panel of a flow on uPlot: axes, lines and cursor are uPlot's, the rest is drawn here.

const GUTTER = () => (innerWidth < 600 ? 70 : 80);

class Chart {
  constructor(host, flow, panel, view, last) {
    Object.assign(this, { flow, panel, view, last, end: Math.max(flow.end * 1e9, panel.t.at(-1) ?? 0) });
    this.box = host.appendChild(document.createElement("div"));
    this.box.className = "panel";
    this.box.append(this.legend());
    const blank = [[], ...panel.lines.map(() => [])];
    this.plot = new uPlot(this.options(host.clientWidth || 300), blank, this.box);
    this.tip = this.plot.over.appendChild(document.createElement("div"));
    this.tip.className = "tip";
    this.tip.hidden = true;
    view.listen(this);
  }

  options(width) {
    const { panel, view } = this;
    const ink = () => theme.muted;
    const grid = { stroke: () => theme.grid, width: 1 };
    const values = (u, splits, axis, space, step) => splits.map((at) => at.toFixed(decimals(step)));
    return {
      width, height: panel.height + (this.last ? 18 : 0), legend: { show: false }, padding: [6, 12, 0, 0],
      cursor: {
        y: false, points: { show: false }, drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => null, mousedown: (u, target, handle) => (event) => event.shiftKey || handle(event) },
        sync: { key: view.key, setSeries: false, filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
      },
      scales: { x: { time: false, range: (u, low, high) => [low, high] }, y: { range: () => this.limits ?? [0, 1] } },
      axes: [
        { stroke: ink, grid, ticks: grid, size: 26, gap: 2, space: 90, values, font: "11px system-ui",
          label: this.last ? "time since start of stream [s]" : undefined, labelSize: 20, labelFont: "12px system-ui" },
        { stroke: ink, grid, ticks: { show: false }, size: GUTTER, gap: 4, font: "11px system-ui", show: true, splits: panel.strip ? () => [] : undefined,
          values: (u, splits, axis, space, step) => (panel.unit === "bytes" ? byteLabels(splits, step) : splits.map((at) => `${at.toFixed(decimals(step))} ${panel.unit}`)) },
      ],
      series: [{}, ...panel.looks.map(([, color]) => ({
        stroke: () => theme[color], width: 1.4, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }),
        dash: !this.flow.certain && color === "window" ? [2, 3] : undefined,
      }))],
      hooks: { drawClear: [() => this.under()], draw: [() => this.over()], setSelect: [() => this.select()] },
    };
  }

  legend() {
    const list = document.createElement("p");
    list.className = "legend";
    const add = (sign, color, text) => {
      const item = list.appendChild(document.createElement("span"));
      const mark = item.appendChild(document.createElement("b"));
      mark.textContent = sign;
      mark.style.color = `var(--${color})`;
      item.append(` ${text}`);
      return mark;
    };
    const { panel, flow } = this;
    const title = list.appendChild(document.createElement("strong"));
    title.textContent = panel.unit ? `${panel.name} [${panel.unit}]` : panel.name;
    for (const [text, color] of panel.looks)
      add("━", color, color === "window" && !flow.certain ? `${text} (scale not certain)` : text);
    for (const bars of panel.bars) if (bars.t.length) add("▌", bars.color(0), bars.name);
    if (panel.level) add("┄", "muted", panel.level[1]);
    if (panel.strip) {
      for (const code of [...new Set(panel.strip)].sort((a, b) => b - a)) {
        const [name, color] = LOOKS.limiters[code];
        add("■", "muted", name).style.color = color;
      }
    }
    for (const mark of panel.marks) {
      const names = mark.of[0] ? [[0, mark.name]] : [...new Set(mark.kind)].sort().map((kind) => [kind, (mark.of === KINDS ? LOOKS.kinds : LOOKS.marks)[kind]]);
      for (const [kind, text] of mark.t.length ? names : [])
        if (mark.of[kind]) add(...mark.of[kind], { zero: "zero window", update: "window update" }[text] ?? text);
    }
    return list;
  }

  // Take what is visible now out of the tables and draw it.
  show() {
    const { panel, view, plot } = this;
    const columns = Math.max(50, Math.round(plot.bbox.width) || plot.width);
    const rows = thinRows(panel.t, panel.lines, view.from, view.to, columns);
    const pick = (column) => rows.map((row) => column[row]);
    const [x, ...lines] = [panel.t, ...panel.lines].map(pick);
    if (panel.holds && x.length && rows.at(-1) === panel.t.length - 1 && x.at(-1) < this.end) {
      x.push(this.end); // the last state lasts to the end of the capture
      for (const line of lines) line.push(line.at(-1));
    }
    this.rows = { x, lines };
    this.visible = panel.bars.map((bars) => rowsWithin(bars.t, view.from, view.to));
    const cut = panel.bars.flatMap((bars, k) => [bars.low.subarray(...this.visible[k]), bars.high.subarray(...this.visible[k])]);
    const marks = panel.marks.map((mark) => mark.y.subarray(...rowsWithin(mark.t, view.from, view.to)));
    this.limits = panel.range(lines, cut, marks);
    const seconds = (t) => t / 1e9;
    plot.batch(() => {
      plot.setData([x.map(seconds), ...lines], false);
      plot.setScale("x", { min: view.from / 1e9, max: view.to / 1e9 });
      plot.setScale("y", { min: this.limits[0], max: this.limits[1] });
    });
  }

  // Places in pixels of the canvas; uPlot's own valToPos is slow for 100,000 packets.
  x(t) {
    return this.left + (t - this.view.from) * this.perTime;
  }

  y(value) {
    return this.bottom - (value - this.limits[0]) * this.perValue;
  }

  clipped(draw) {
    const { ctx, bbox } = this.plot;
    this.left = bbox.left;
    this.bottom = bbox.top + bbox.height;
    this.perTime = bbox.width / (this.view.to - this.view.from);
    this.perValue = bbox.height / (this.limits[1] - this.limits[0]);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    draw(ctx, bbox, uPlot.pxRatio);
    ctx.restore();
  }

  under() {
    if (!this.rows) return;
    this.clipped((ctx, box, scale) => {
      const { panel, flow, rows } = this;
      if (panel.strip) drawStrip(this, ctx, box);
      if (panel.fill) drawFill(this, ctx, rows, ...panel.fill);
      if (panel.zero) drawZero(this, ctx, box, rows.x, rows.lines[panel.zero]);
      ctx.font = `600 ${11 * scale}px system-ui`;
      ctx.textAlign = "left"; // uPlot leaves its own behind
      ctx.textBaseline = "alphabetic";
      let right = -Infinity;
      for (const stall of panel.strip ? [] : flow.stalls) {
        const from = this.x(stall.start_s * 1e9);
        const to = Math.max(this.x(stall.end_s * 1e9), from + scale);
        ctx.globalAlpha = 0.16;
        ctx.fillStyle = theme.stall;
        ctx.fillRect(from, box.top, to - from, box.height);
        ctx.globalAlpha = 1;
        const text = `stall ${stall.number} · ${stall.cause} · frame ${stall.frame}`;
        const left = Math.max(from, box.left) + 4 * scale;
        if (panel.bars.length && left > right && to > box.left && left + ctx.measureText(text).width < box.left + box.width) {
          ctx.fillStyle = theme.ink;
          ctx.fillText(text, left, box.top + 12 * scale);
          right = left + ctx.measureText(text).width;
        }
      }
      if (panel.level) {
        ctx.strokeStyle = theme.muted;
        ctx.setLineDash([6 * scale, 3 * scale]);
        ctx.strokeRect(box.left - 9, Math.round(this.y(panel.level[0])) + 0.5, box.width + 18, 1e5);
      }
    });
  }

  over() {
    if (!this.rows) return;
    this.clipped((ctx, box, scale) => {
      this.panel.bars.forEach((bars, k) => drawBars(this, ctx, scale, bars, ...this.visible[k]));
      for (const mark of this.panel.marks) drawMarks(this, ctx, scale, mark);
    });
  }

  select() {
    const { left, width } = this.plot.select;
    if (width < 5) return;
    const [from, to] = [left, left + width].map((at) => this.plot.posToVal(at, "x") * 1e9);
    this.plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.view.set(from, to);
  }
}
