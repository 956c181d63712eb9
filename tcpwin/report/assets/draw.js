"use strict";
// What uPlot does not draw: steps filled between two lines, bars, letters, the limiter strip.

function drawFill(chart, ctx, rows, low, high, color, alpha) {
  const [bottom, top] = [rows.lines[low], rows.lines[high]];
  ctx.globalAlpha = alpha;
  for (let row = 0; row + 1 < rows.x.length; row++) {
    if (!(Math.abs(top[row] - bottom[row]) > 0)) continue;
    // What is beyond the window is no room: it shrank below what was out already.
    ctx.fillStyle = top[row] > bottom[row] || !chart.flow.certain ? theme[color] : theme.retransmission;
    const [left, right] = [Math.round(chart.x(rows.x[row])), Math.round(chart.x(rows.x[row + 1]))];
    const [from, to] = [chart.y(top[row]), chart.y(bottom[row])];
    ctx.fillRect(left, from, right - left, to - from);
  }
  ctx.globalAlpha = 1;
}

function drawZero(chart, ctx, box, x, window) {
  ctx.fillStyle = theme.zero;
  for (let row = 0; row + 1 < x.length; row++) {
    if (window[row] !== 0) continue;
    const left = Math.round(chart.x(x[row]));
    const width = Math.max(1, Math.round(chart.x(x[row + 1])) - left);
    ctx.globalAlpha = 0.13;
    ctx.fillRect(left, box.top, width, box.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, chart.y(0) - 3, width, 3);
  }
}

function drawBars(chart, ctx, scale, bars, start, stop) {
  const kinds = LOOKS.kinds.map(() => []);
  for (let row = start; row < stop; row++) {
    if (bars.high[row] === bars.low[row]) continue; // a probe or RST has no bytes
    const kind = bars.kind ? bars.kind[row] : 0;
    addBar(kinds[kind], Math.round(chart.x(bars.t[row])), chart.y(bars.high[row]), chart.y(bars.low[row]));
  }
  ctx.globalAlpha = bars.alpha ?? 1;
  kinds.forEach((merged, kind) => {
    ctx.fillStyle = theme[bars.color(kind)];
    const width = Math.max(1, Math.round((kind ? 2.4 : 1.8) * scale));
    for (const { x, top, bottom } of merged)
      ctx.fillRect(x - Math.floor(width / 2), top - 0.5, width, Math.max(1.5 * scale, bottom - top + 1));
  });
  ctx.globalAlpha = 1;
}

// Letters, none so near to another of its kind that they would run into each other.
function drawMarks(chart, ctx, scale, mark) {
  const [start, stop] = rowsBetween(mark.t, chart.view.from, chart.view.to);
  const room = (mark.room ?? 9) * scale;
  const drawn = LOOKS.kinds.map(() => []); // of each kind those that may still be too near
  ctx.font = `bold ${11 * scale}px system-ui`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3 * scale;
  ctx.strokeStyle = theme.paper;
  for (let row = start; row < stop; row++) {
    const kind = mark.kind ? mark.kind[row] : 0;
    if (!mark.of[kind] || mark.y[row] !== mark.y[row]) continue;
    const [x, y] = [chart.x(mark.t[row]), chart.y(mark.y[row]) - mark.lift * scale];
    const near = drawn[kind];
    while (near.length && near[0].x <= x - room) near.shift();
    if (near.some((other) => Math.abs(other.y - y) < room)) continue;
    near.push({ x, y });
    const [letter, color] = mark.of[kind];
    ctx.fillStyle = theme[color];
    if (letter === "•") {
      ctx.fillRect(x - scale, y - scale, 2 * scale, 2 * scale);
      continue;
    }
    ctx.strokeText(letter, x, y);
    ctx.fillText(letter, x, y);
  }
  ctx.textAlign = "start";
  ctx.textBaseline = "alphabetic";
}

// Grave limiters last: where they share a pixel with others, they are what is seen.
function drawStrip(chart, ctx, box) {
  const { t, strip } = chart.panel;
  const [start, stop] = rowsBetween(t, chart.view.from, chart.view.to);
  const spans = LOOKS.limiters.map(() => []);
  for (let row = start; row < stop; row++)
    addSpan(spans[strip[row]], chart.x(t[row]), chart.x(row + 1 < t.length ? t[row + 1] : chart.end));
  LOOKS.limiters.forEach(([, color, hatch], code) => {
    for (const style of [color, hatch && pattern(ctx, hatch)]) {
      if (!style) continue;
      ctx.fillStyle = style;
      for (const { left, right } of spans[code]) ctx.fillRect(left, box.top, right - left, box.height);
    }
  });
}

const patterns = new Map();
function pattern(ctx, hatch) {
  if (patterns.has(hatch)) return patterns.get(hatch);
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = pen.fillStyle = hatch[0] === "x" ? "#ffffff80" : "#00000080";
  const line = (...ends) => {
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(ends[0] + shift, ends[1]);
      pen.lineTo(ends[2] + shift, ends[3]);
    }
    pen.stroke();
  };
  if (hatch[0] === ".") pen.fillRect(3, 3, 2, 2);
  if (hatch[0] === "/" || hatch[0] === "x") line(-1, 9, 9, -1);
  if (hatch[0] === "\\" || hatch[0] === "x") line(-1, -1, 9, 9);
  patterns.set(hatch, ctx.createPattern(tile, "repeat"));
  return patterns.get(hatch);
}
