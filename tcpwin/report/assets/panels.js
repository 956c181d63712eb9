"use strict";
// What the panels of a flow show; chart.js draws them. The colours and kinds are Python's.

const LOOKS = JSON.parse(document.getElementById("looks").textContent);
const DARK = matchMedia("(prefers-color-scheme: dark)");
let theme = LOOKS.styles[DARK.matches ? "dark" : "light"];

// letter and colour of what is marked, in the order of LOOKS.kinds
const KINDS = [
  null, ["R", "retransmission"], ["▼", "out_of_order"], ["P", "probe"], ["K", "probe"],
  ["S", "probe"], ["F", "probe"], ["X", "retransmission"],
];
const MARKS = [null, ["Z", "zero"], ["▲", "window"], ["P", "probe"]];

const whole = (value) => (Number.isFinite(value) ? value.toLocaleString("en") : "–");
// How many digits after the point a multiple of `step` needs.
function decimals(step) {
  let digits = 0;
  while (digits < 9 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
  return digits;
}

// Bytes along an axis: 1.5 MB, and every digit where the steps are too fine for that.
function byteLabels(values, step) {
  const size = Math.max(...values.map(Math.abs));
  const [unit, name] = size >= 1e9 ? [1e9, "GB"] : size >= 1e6 ? [1e6, "MB"] : size >= 1e3 ? [1e3, "kB"] : [1, "B"];
  const digits = decimals(step / unit);
  return values.map((value) => (digits > 2 ? whole(value) : value ? `${(value / unit).toFixed(digits)} ${name}` : "0 B"));
}

// The lowest and highest of the values that are known, or nothing.
function extent(...columns) {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (let row = 0; row < column.length; row++) {
      if (column[row] < low) low = column[row];
      if (column[row] > high) high = column[row];
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

function sequencePanel(tables) {
  const { state, segments, sacks } = tables;
  const edge = state.una.map((una, row) => una + state.window[row]);
  const top = segments.seq.map((seq, row) => seq + segments.len[row]);
  return {
    name: "sequence number", unit: "bytes", height: 300, holds: true, t: state.t, lines: [state.una, edge],
    looks: [["ACK", "ack"], ["window edge", "window"]], fill: [0, 1, "usable", 0.16],
    bars: [
      { t: sacks.t, low: sacks.left, high: sacks.right, color: () => "sack", alpha: 0.6, name: "SACK" },
      { t: segments.t, low: segments.seq, high: top, kind: segments.kind, color: (kind) =>
        kind === 1 ? "retransmission" : kind === 2 ? "out_of_order" : "data", name: "data" },
    ],
    marks: [
      { t: segments.t, y: top, kind: segments.kind, of: KINDS, lift: 8 },
      { t: state.t, y: edge, kind: state.mark, of: MARKS.slice(0, 2), lift: 8 },
      { t: tables.again.t, y: tables.again.ack, kind: null, of: [["╷", "duplicate"]], lift: -7, name: "duplicate ACK" },
    ],
    // A window many times what was sent would press the data flat: its edge stays outside then,
    // unless there are no data in view and the room to send is what there is to see.
    range(lines, bars) {
      const [low, high] = extent(lines[0], ...bars);
      const span = Math.max(high - low, 25);
      const ceiling = Math.max(extent(lines[1])[1], high);
      const far = bars.some((bar) => bar.length) && ceiling - high > 3 * span;
      return [low - 0.04 * span, far ? high + 0.6 * span : ceiling + 0.06 * (ceiling - low)];
    },
  };
}

function windowPanel(tables, flow) {
  const { state } = tables;
  return {
    name: "window and flight", unit: "bytes", height: 200, holds: true, t: state.t, lines: [state.flight, state.window],
    looks: [["flight", "data"], ["window", "window"]], fill: [0, 1, "usable", 0.3], zero: 1,
    level: flow.certain && flow.mss > 0 ? [flow.mss, `MSS ${flow.mss} B`] : null, bars: [],
    marks: [{ t: state.t, y: state.window, kind: state.mark, of: MARKS, lift: 8 }],
    range: (lines) => [0, Math.max(extent(...lines)[1], 1) * 1.12],
  };
}

function rttPanel(tables, flow) {
  const rtt = tables.rtt.rtt.map((value) => value / 1e6);
  return {
    name: flow.rtt_name, unit: "ms", height: 120, t: tables.rtt.t, lines: [tables.rtt.srtt.map((value) => value / 1e6)],
    looks: [[flow.rtt_name === "RTT" ? "SRTT" : "smoothed", "srtt"]], bars: [],
    marks: [{ t: tables.rtt.t, y: rtt, kind: null, of: [["•", "rtt"]], lift: 0, room: 3, name: `${flow.rtt_name} sample` }],
    range: (lines, bars, marks) => [0, extent(...lines, ...marks)[1] * 1.1],
  };
}

function limitsPanel(tables) {
  return {
    name: "limited by", unit: "", height: 58, t: tables.limits.t, lines: [], looks: [], bars: [], marks: [],
    strip: tables.limits.limiter, range: () => [0, 1],
  };
}

// The last row of a table that is not after a packet; packets may share their time.
function rowAt(table, packet) {
  let row = placeOf(table.t, packet.t, true) - 1;
  while (row > 0 && table.t[row] === packet.t && table.frame[row] > packet.frame) row--;
  return row;
}

// What is known about a packet, in words: [[name, value], …].
function readout(tables, packet, flow) {
  const { segments, state, rtt, limits } = tables;
  const words = [];
  const own = rowAt(segments, packet);
  if (own >= 0 && segments.frame[own] === packet.frame) {
    const [seq, length, kind] = [segments.seq[own], segments.len[own], LOOKS.kinds[segments.kind[own]]];
    words.push([kind === "new" ? "data" : kind, `${whole(seq)}..${whole(seq + length)} (${whole(length)} B)`]);
  }
  const row = rowAt(state, packet);
  if (row >= 0) {
    words.push(["ACK", whole(state.una[row])], ["edge", whole(state.una[row] + state.window[row])]);
    words.push(["window", whole(state.window[row])], ["flight", whole(state.flight[row])]);
  }
  const sample = rowAt(rtt, packet);
  if (sample >= 0) words.push([flow.rtt_name, `${+(rtt.rtt[sample] / 1e6).toPrecision(4)} ms`]);
  const spell = rowAt(limits, packet);
  if (spell >= 0) words.push(["limited by", LOOKS.limiters[limits.limiter[spell]][0]]);
  return words;
}
