"use strict";
// Only what the eye can tell apart is drawn, as in plots/thin.py: of the rows that fall into one
// pixel column the first, the last, and the lowest and highest of every line.

// The first place in an ascending column whose value is not below (or, with `after`, is above).
function placeOf(column, value, after = false) {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value || (after && column[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Rows from the last one before `from` to the first one after `to`: [first, stop].
function rowsBetween(t, from, to) {
  return [Math.max(0, placeOf(t, from, true) - 1), Math.min(t.length, placeOf(t, to) + 1)];
}

// Rows from `from` to `to` and no other: what lies outside does not move the scale.
function rowsWithin(t, from, to) {
  return [placeOf(t, from), placeOf(t, to, true)];
}

// Rows of step lines over the same times, ascending.
function thinRows(t, lines, from, to, columns) {
  const [start, stop] = rowsBetween(t, from, to);
  const rows = [];
  if (stop - start <= 4 * columns) {
    for (let row = start; row < stop; row++) rows.push(row);
    return rows;
  }
  const perPixel = columns / (to - from);
  for (let first = start; first < stop; ) {
    const column = Math.floor((t[first] - from) * perPixel);
    const extremes = lines.map(() => [first, first]);
    let next = first;
    for (; next < stop && Math.floor((t[next] - from) * perPixel) === column; next++) {
      for (let k = 0; k < lines.length; k++) {
        const value = lines[k][next];
        const pair = extremes[k];
        if (value < lines[k][pair[0]] || lines[k][pair[0]] !== lines[k][pair[0]]) pair[0] = next;
        if (value > lines[k][pair[1]] || lines[k][pair[1]] !== lines[k][pair[1]]) pair[1] = next;
      }
    }
    const kept = [first, next - 1, ...extremes.flat()].sort((a, b) => a - b);
    for (const row of kept) if (row !== rows[rows.length - 1]) rows.push(row);
    first = next;
  }
  return rows;
}

// Bars of one pixel column that touch become one; bars out of order merely make more of them.
// `bars` is what was put together so far, with places in pixels, y downwards.
function addBar(bars, x, top, bottom) {
  const last = bars.at(-1);
  if (last && last.x === x && top <= last.bottom + 1 && bottom >= last.top - 1) {
    if (top < last.top) last.top = top;
    if (bottom > last.bottom) last.bottom = bottom;
  } else bars.push({ x, top, bottom });
}

// Spans that lie less than a pixel apart become one; none gets narrower than a pixel.
function addSpan(spans, left, right) {
  const last = spans.at(-1);
  if (last && left - last.right < 1) last.right = Math.max(last.right, right, left + 1);
  else spans.push({ left, right: Math.max(right, left + 1) });
}
