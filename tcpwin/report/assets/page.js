"use strict";
// Starts the page: charts, table, copy buttons, jumps to frames, paper and dark rooms.

const views = new Map();
const told = document.getElementById("told");

function copyButton(text) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "copy", textContent: "Copy", title: text });
  button.dataset.copy = text;
  return button;
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  told.textContent = `Copied: ${text}`;
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
}

// Unfold the charts of a flow and bring them into sight.
function openUp(flow) {
  for (let fold = flow.host.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  fit();
  flow.host.parentElement.scrollIntoView({ block: "start" });
}

// To a packet in the charts of its stream, or to the last one before it that changed something.
function jump(number, frame) {
  const view = views.get(number);
  const [found] = (view?.flows ?? [])
    .flatMap((flow) => [flow.tables.segments, flow.tables.state].map((table) => ({ flow, table })))
    .map((one) => ({ ...one, row: one.table.frame.findLastIndex((other) => other <= frame) }))
    .filter((one) => one.row >= 0)
    .sort((a, b) => b.table.frame[b.row] - a.table.frame[a.row]);
  if (!found) return false;
  const { flow, table, row } = found;
  const packet = { t: table.t[row], frame: table.frame[row] };
  const half = Math.min((view.to - view.from) / 2, 0.02 * (view.whole[1] - view.whole[0]));
  openUp(flow);
  view.set(packet.t - half, packet.t + half);
  view.draw(true);
  view.point(flow.charts[0], packet);
  flow.host.focus({ preventScroll: true });
  return true;
}

async function startStack(stack) {
  const flows = [];
  for (const source of stack.querySelectorAll("script.series")) {
    const flow = JSON.parse(source.textContent);
    flows.push({ ...flow, tables: await unpack(flow), host: source.parentElement.querySelector(".charts") });
    source.remove(); // the text is not needed any more
  }
  const end = Math.max(...flows.map((flow) => Math.max(flow.end * 1e9, flow.tables.state.t.at(-1) ?? 0)));
  const view = new View(`stream-${stack.dataset.stream}`, end);
  view.output = stack.querySelector("output");
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.target.chart.near = entry.isIntersecting;
    view.draw();
  }, { rootMargin: "300px" });
  for (const flow of flows) {
    const { tables } = flow;
    const panels = [sequencePanel(tables), windowPanel(tables, flow), rttPanel(tables, flow), limitsPanel(tables)];
    panels[0].frame = panels[1].frame = tables.state.frame;
    panels[0].bars[0].frame = tables.sacks.frame;
    panels[0].bars[1].frame = tables.segments.frame;
    panels[2].frame = tables.rtt.frame;
    panels[3].frame = tables.limits.frame;
    flow.charts = panels.filter((panel) => panel.t.length).map((panel, place, shown) => {
      const chart = new Chart(flow.host, flow, panel, view, place === shown.length - 1);
      Object.assign(chart, { tables, stale: true });
      chart.box.chart = chart;
      seen.observe(chart.box);
      return chart;
    });
    flow.host.addEventListener("keydown", (event) => view.key_down(event, flow.charts[0]));
  }
  view.flows = flows;
  stack.querySelector(".tools").addEventListener("click", (event) => view.act(event.target.dataset.do));
  views.set(Number(stack.dataset.stream), view);
}

function fit(width, share = 1) {
  for (const view of views.values()) {
    for (const { plot, panel, last, box } of view.charts) {
      const room = width ?? box.parentElement.clientWidth; // 0 where it is folded away
      const height = Math.max(Math.round(share * panel.height), 58) + (last ? 18 : 0);
      if (room && (room !== plot.width || height !== plot.height)) plot.setSize({ width: room, height });
    }
    view.redraw();
  }
}

function paint(name) {
  theme = LOOKS.styles[name];
  for (const view of views.values()) for (const chart of view.charts) chart.stale = true;
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-frame], [data-from]");
  if (!target) return;
  const { copy: text, frame, from, to, stream } = target.dataset;
  if (text !== undefined) copy(target);
  else if (frame !== undefined && jump(Number(stream), Number(frame))) event.preventDefault();
  else if (from !== undefined) {
    const view = views.get(Number(stream));
    const flow = view?.flows.find((one) => one.flow === target.dataset.flow) ?? view?.flows[0];
    if (!flow) return;
    view.set(from * 1e9, to * 1e9);
    openUp(flow);
    flow.host.focus({ preventScroll: true });
  }
});

// A link into what is folded away unfolds it.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const fold = target && (target.closest("details.rest") ?? target.querySelector("details.rest"));
  if (!fold || fold.open) return;
  fold.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", unfold);
document.addEventListener("toggle", () => fit(), true);

let resizing = 0;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => fit(), 100);
});
DARK.addEventListener("change", () => {
  paint(DARK.matches ? "dark" : "light");
  fit();
});
addEventListener("beforeprint", () => {
  paint("light"); // paper is white; A4 and Letter are 680 px wide, and less tall than a screen rolls
  fit(680, 0.65);
  for (const view of views.values()) view.draw(true);
});
addEventListener("afterprint", () => {
  paint(DARK.matches ? "dark" : "light");
  fit();
});

const ready = (async () => {
  if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old for the charts");
  const table = streamsTable();
  for (const stack of document.querySelectorAll(".stack")) {
    await startStack(stack);
    await new Promise((next) => setTimeout(next)); // the page stays alive meanwhile
  }
  await table;
  unfold();
  document.documentElement.dataset.ready = "yes";
})();
ready.catch((error) => {
  told.className = "warning";
  told.textContent = `The charts cannot be shown: ${error.message}`;
});
