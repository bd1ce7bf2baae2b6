
"use strict";
// Everything an article says is put on the page as text, never as markup: only `make` builds elements.
const $ = id => document.getElementById(id);
// Characters that turn lines around or cannot be seen would let a headline dress up as something else.
const plain = text => String(text ?? "").replace(/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f\u007f]/g, "\ufffd");

function make(name, options = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (key === "class") element.className = value;
    else if (value !== undefined && value !== null) element.setAttribute(key, plain(value));
  }
  for (const child of children) element.append(child instanceof Node ? child : plain(child));
  return element;
}
const fill = (id, nodes) => $(id).replaceChildren(...nodes);
const cell = (name, ...children) => make("td", {"data-name": name, dir: "auto"}, ...children);

const number = n => !Number.isFinite(n) ? "–" : n >= 100 ? Math.round(n).toLocaleString("en") : n >= 10 ? n.toFixed(1) : n === 0 ? "0" : n.toFixed(2);
const whole = n => Math.round(n).toLocaleString("en");
const bytes = n => n >= 1 << 30 ? (n / (1 << 30)).toFixed(1) + " GiB" : n >= 1 << 20 ? (n / (1 << 20)).toFixed(1) + " MiB" : Math.round(n / 1024) + " KiB";
const time = s => s < 0.001 ? Math.round(s * 1e6) + " µs" : s < 1 ? (s * 1e3).toFixed(1) + " ms" : s.toFixed(1) + " s";
function ago(at) {
  const s = Math.max(0, (Date.now() - at) / 1000);
  if (s < 60) return Math.floor(s) + " s ago";
  if (s < 3600) return Math.floor(s / 60) + " min ago";
  if (s < 172800) return Math.floor(s / 3600) + " h ago";
  return Math.floor(s / 86400) + " d ago";
}

// --- numbers of the worker

const samples = (status, name) => status.metrics["copydesk_" + name] ?? [];
const value = (status, name, labels = {}) => samples(status, name)
  .filter(s => Object.entries(labels).every(([k, v]) => s.labels[k] === v))
  .reduce((sum, s) => sum + (s.value ?? s.sum ?? 0), 0);
const count = (status, name, labels = {}) => samples(status, name)
  .filter(s => Object.entries(labels).every(([k, v]) => s.labels[k] === v))
  .reduce((sum, s) => sum + (s.count ?? 0), 0);

let before = null;
// Rates are taken over the last looks, about ten seconds: one look alone jumps with every commit.
const looks = [];

function showStatus(status) {
  status.at = performance.now() / 1000;
  looks.push(status);
  if (looks.length > 6) looks.shift();
  before = looks[0];
  const span = status.at - before.at;
  const rate = (name, labels) => span > 0 ? (value(status, name, labels) - value(before, name, labels)) / span : NaN;

  $("version").textContent = plain(status.version + " · group " + status.group);
  const reasons = Object.entries(status.reasons).map(([what, why]) => what + ": " + why);
  state(status.stalled ? "bad" : status.ready ? "good" : "wait", status.stalled ?? (status.ready ? "ready" : "not ready – " + reasons.join("; ")));

  const box = (kind, name, labels, caption) => make("li", {class: kind}, make("b", {}, number(rate(name, labels))), make("span", {}, caption));
  fill("flow", [
    box("", "records_consumed_total", {topic: status.topics.raw}, "taken from " + status.topics.raw),
    ...["enriched", "revision", "duplicate", "dead"].map(o => box(o, "records_total", {outcome: o}, o + ", " + whole(value(status, "records_total", {outcome: o})) + " in all")),
  ]);

  const gauge = (name, text, part) => {
    const children = [make("dt", {}, name), make("dd", {}, text)];
    if (part !== undefined) children.push(make("meter", {min: 0, max: 1, high: 0.9, value: Math.min(1, part).toFixed(3), "aria-label": name}));
    return make("div", {}, ...children);
  };
  const held = value(status, "in_flight_bytes"), behind = value(status, "print_log_behind_records");
  const mean = (name, labels) => {
    const n = count(status, name, labels) - count(before, name, labels);
    return n > 0 ? time((value(status, name, labels) - value(before, name, labels)) / n) : "–";
  };
  fill("gauges", [
    gauge("lag, records", whole(value(status, "consumer_lag_records"))),
    gauge("on the line", whole(value(status, "records_in_flight"))),
    gauge("memory in flight", bytes(held) + " of " + bytes(status.memory), held / status.memory),
    gauge("oldest on the line", value(status, "records_in_flight") > 0 ? time(value(status, "oldest_in_flight_seconds")) : "–"),
    gauge("partitions", whole(value(status, "assigned_partitions"))),
    gauge("prints to read", whole(behind)),
    gauge("stories remembered", whole(value(status, "dedupe_index_entries"))),
    gauge("end to end, mean", mean("end_to_end_seconds", {})),
    gauge("wait for a verdict, mean", mean("print_wait_seconds", {})),
    gauge("commits a second", number(rate("commits_total", {result: "ok"}))),
    gauge("commits that failed", whole(value(status, "commits_total") - value(status, "commits_total", {result: "ok"}))),
    gauge("resident memory", bytes((status.metrics.process_resident_memory_bytes ?? [{value: 0}])[0].value)),
  ]);
  showSplit(status, before);
}

function state(kind, text) {
  $("state").className = "badge " + kind;
  if ($("state").textContent !== plain(text)) $("state").textContent = plain(text);
}

function showSplit(status, before) {
  let stages = ["fetch", "decode", "dedupe", "clean", "extract"].map(stage => {
    const of = look => ({n: count(look, "stage_duration_seconds", {stage}), s: value(look, "stage_duration_seconds", {stage})});
    const now = of(status), then = of(before);
    // Nothing came in lately: the whole life of the worker.
    return now.n > then.n ? {stage, n: now.n - then.n, s: now.s - then.s} : {stage, n: now.n, s: now.s, old: true};
  }).filter(one => one.n > 0);
  if (stages.some(one => !one.old)) stages = stages.filter(one => !one.old);
  const total = stages.reduce((sum, one) => sum + one.s, 0);
  const share = one => total > 0 ? one.s / total : 0;
  fill("split", stages.map(one => {
    const part = make("div", {class: one.stage, title: one.stage});
    part.style.flexGrow = share(one);
    return part;
  }));
  $("split").setAttribute("aria-label", stages.map(one => one.stage + " " + Math.round(share(one) * 100) + " %").join(", ") || "no record yet");
  fill("legend", stages.length === 0 ? [make("li", {class: "soft"}, "No record has been read since this worker started.")] : stages.map(one => make("li", {}, make("i", {class: one.stage}), one.stage + " " + Math.round(share(one) * 100) + " %, " + time(one.s / one.n) + " a record")));
}

// --- last articles and sources

let last = [];
function showLast() {
  const words = $("words").value.toLowerCase(), only = $("only").value;
  const shown = last.filter(a => (!only || a.outcome === only)
    && (!words || [a.headline, a.source, a.id, a.of, a.why].some(text => text && text.toLowerCase().includes(words))));
  fill("last", shown.map(a => {
    // A copy that was recognised unread has no headline of its own.
    const headline = a.headline ?? last.find(other => other.id === a.of)?.headline;
    const article = cell("", make("bdi", {}, headline ?? "(no headline)"), make("span", {class: "id"}, [a.id, a.position].filter(Boolean).join(" · ")));
    const why = [a.why, a.of && "of " + a.of, a.missing.length > 0 && "without " + a.missing.join(", ")].filter(Boolean).join(" · ");
    const when = make("td", {class: "when", title: new Date(a.committed).toISOString()}, ago(a.committed));
    return make("tr", {}, when, cell("", make("span", {class: "mark " + a.outcome}, a.outcome)), article, cell("from", a.source), cell("", why));
  }));
  $("nothing").hidden = last.length > 0;
}

function showSources(sources) {
  const flagged = s => (s.silent ? 2 : 0) + (s.breaking || s.losing.length ? 1 : 0);
  const rows = Object.entries(sources).sort(([, a], [, b]) => flagged(b) - flagged(a) || b.articles - a.articles);
  fill("sources", rows.map(([name, s]) => {
    const published = (s.outcomes.enriched ?? 0) + (s.outcomes.revision ?? 0);
    const missing = Object.entries(s.missing).filter(([, n]) => n / published > 0.05).sort(([, a], [, b]) => b - a)
      .map(([field, n]) => field + " " + Math.round(n / published * 100) + " %").join(", ");
    const who = cell("", make("bdi", {}, name || "(unknown)"));
    if (s.silent) who.append(make("span", {class: "flag"}, "went silent"));
    if (s.breaking) who.append(make("span", {class: "flag"}, "site was redesigned? far more die than usual"));
    if (s.losing.length) who.append(make("span", {class: "flag"}, "site was redesigned? suddenly without " + s.losing.join(", ")));
    const outcomes = ["enriched", "revision", "duplicate", "dead"].filter(o => s.outcomes[o]).map(o => o + " " + whole(s.outcomes[o])).join(", ");
    return make("tr", {}, who, cell("last article", ago(s.last)), cell("last hour", whole(s.last_hour)), cell("usually", s.per_hour === null ? "–" : number(s.per_hour) + " an hour"), cell("articles", whole(s.articles)), cell("", outcomes), cell("missing", missing));
  }));
  $("no-sources").hidden = rows.length > 0;
}

// --- stories told more than once

const command = article => make("code", {}, "copydesk explain " + (article.position ?? article.id) + " --against-log");
const alike = article => article.similarity === null || article.why?.includes("alike") ? "" : Math.round(article.similarity * 100) + " % alike";
const reason = article => [article.why ?? "first told", alike(article), article.differs.length > 0 && "differs: " + article.differs.join(", ")].filter(Boolean).join(" · ");

function showClusters(clusters) {
  const open = new Set([...$("clusters").querySelectorAll("details[open]")].map(one => one.dataset.story));
  // What somebody is reading, or stands on with the keyboard, is not pulled away.
  if ($("clusters").contains(document.activeElement) && open.size > 0) return;
  fill("clusters", clusters.map(story => {
    const ended = outcome => story.members.filter(m => m.outcome === outcome).length;
    const copies = ended("duplicate"), versions = ended("revision");
    const sources = new Set(story.members.map(m => m.source).filter(Boolean)).size;
    const summary = make("summary", {}, make("bdi", {}, story.headline ?? "(no headline)"),
      make("span", {class: "soft"}, " " + [times(story.articles, "article"), copies > 0 && times(copies, "copy", "copies"), versions > 0 && times(versions, "later version"), sources > 1 && sources + " sources", ago(story.newest)].filter(Boolean).join(" · ")));
    const details = make("details", {"data-story": story.first}, summary, members(story));
    details.open = open.has(story.id);
    return make("li", {}, details);
  }));
  $("no-clusters").hidden = clusters.length > 0;
}
const times = (n, one, many = one + "s") => whole(n) + " " + (n === 1 ? one : many);

function members(story) {
  const first = story.members[0];
  const rows = story.members.map(m => {
    const beside = make("button", {type: "button"}, "Side by side");
    beside.addEventListener("click", () => showPair(first.number, m.number));
    const article = cell("", make("bdi", {}, m.headline ?? story.headline ?? "(no headline)"), make("span", {class: "id"}, [m.id, m.position].filter(Boolean).join(" · ")));
    return make("tr", {}, cell("when", ago(m.committed)), cell("", make("span", {class: "mark " + m.outcome}, m.outcome)), article, cell("from", m.source), cell("", reason(m)), make("td", {}, m === first ? "" : beside));
  });
  const left = story.articles - story.members.length;
  const gap = left > 0 ? [make("p", {class: "soft"}, times(left, "more article") + " between the first and the newest")] : [];
  const note = story.whole ? [] : [make("p", {class: "soft"}, "Its first article is not in this worker's memory: copydesk explain " + story.first)];
  return make("div", {}, ...note, make("table", {class: "cards"}, make("tbody", {}, ...rows)), ...gap);
}

async function showPair(first, second) {
  // The address names the pair, so that it can be opened again while the worker remembers both.
  history.replaceState(null, document.title, "#pair=" + first + "," + second);
  try {
    const [one, other] = await ask("/v1/pair?first=" + first + "&second=" + second);
    const close = make("button", {type: "button"}, "Close");
    close.addEventListener("click", () => {
      history.replaceState(null, document.title, location.pathname);
      fill("pair", []);
      $("clusters").parentElement.focus();
    });
    const nothing = other.text === null ? "Not read: its content equals that of the first." : "Not kept.";
    const marked = (name, side) => side.text === null ? make("p", {class: "soft"}, nothing)
      : make("p", {class: "text", dir: "auto"}, ...side.text.map(piece => piece.only ? make(name, {}, piece.text) : piece.text));
    const column = (title, name, side) => make("div", {}, make("h4", {}, title + " ", make("span", {class: "mark " + side.article.outcome}, side.article.outcome)),
      make("p", {}, make("bdi", {}, side.article.headline ?? "(no headline)"), make("span", {class: "id"}, [side.article.source, side.article.id].filter(Boolean).join(" · "))),
      marked(name, side), make("p", {class: "soft"}, command(side.article)));
    fill("pair", [
      make("h3", {}, "Side by side"),
      make("p", {}, make("strong", {}, other.article.outcome), ": " + reason(other.article)),
      make("p", {class: "soft"}, make("del", {}, "Struck through"), ": only the first has it. ", make("ins", {}, "Underlined"), ": only the other has it."),
      make("div", {class: "pair"}, column("First", "del", one), column("Other", "ins", other)),
      close,
    ]);
  } catch (error) {
    fill("pair", [make("p", {class: "bad"}, error.message)]);
  }
  $("pair").focus();
}

// --- asking

let held = false;
const ask = async path => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.json()).error ?? answer.status);
  return answer.json();
};
async function look() {
  if (document.hidden || held) return;
  try {
    const [status, recent, clusters, sources] = await Promise.all(["status", "recent", "clusters", "sources"].map(what => ask("/v1/" + what)));
    last = recent;
    showStatus(status);
    showLast();
    showClusters(clusters);
    showSources(sources);
  } catch (error) {
    state("bad", "the worker does not answer: " + error.message);
  }
}
$("hold").addEventListener("click", () => {
  held = !held;
  $("hold").setAttribute("aria-pressed", held);
  $("hold").textContent = held ? "Go on" : "Hold";
  look();
});
$("filter").addEventListener("submit", event => event.preventDefault());
$("words").addEventListener("input", showLast);
$("only").addEventListener("change", showLast);
document.addEventListener("visibilitychange", look);

// --- explain

$("file").addEventListener("change", async () => {
  const file = $("file").files[0];
  if (!file) return;
  if (file.size > 2 << 20) return tell("the file has " + bytes(file.size) + "; up to 2 MiB are explained");
  $("record").value = await file.text();
  $("kind").value = /\.html?$/i.test(file.name) ? "text/html" : /\.txt$/i.test(file.name) ? "text/plain" : "application/json";
});
const tell = text => fill("answer", [make("p", {class: "bad"}, text)]);

$("explain").addEventListener("submit", async event => {
  event.preventDefault();
  const body = $("record").value;
  if (!body.trim()) return tell("paste a record, a page or a text first");
  fill("answer", [make("p", {class: "soft"}, "reading …")]);
  try {
    const answer = await fetch("/v1/explain", {method: "POST", headers: {"content-type": $("kind").value}, body});
    if (answer.status === 413) return tell("larger than 2 MiB");
    const explained = await answer.json();
    if (!answer.ok) return tell(explained.error);
    fill("answer", showExplained(explained));
  } catch (error) {
    tell("the worker does not answer: " + error.message);
  }
});

// Of lists the names, without what only machines need.
const says = item => item === null || typeof item !== "object" ? String(item) : ["name", "text", "code", "raw", "url"].map(key => item[key]).find(Boolean) ?? JSON.stringify(item);
const shown = value => Array.isArray(value) ? value.map(says).join(", ") : says(value);

function showExplained(explained) {
  const outcome = explained.outcome, kind = outcome.outcome;
  const why = kind === "dead" ? outcome.stage + ": " + outcome.reason + " – " + outcome.detail : "id " + outcome.id;
  const kept = explained.blocks.filter(block => !block.dropped).length;
  const word = name => (typeof name === "string" ? name : Object.keys(name)[0] + " " + Object.values(name)[0]).replaceAll("_", " ");
  const moved = ["headline", "byline", "credit", "stamp"];
  const blocks = explained.blocks.map(block => moved.includes(block.dropped)
    ? make("li", {class: "moved"}, make("span", {}, "read as " + block.dropped + ", no part of the text"), make("p", {dir: "auto"}, block.text))
    : block.dropped ? make("li", {class: "dropped"}, make("span", {}, "dropped: " + word(block.dropped)), make("p", {dir: "auto"}, make("del", {}, block.text)))
    : make("li", {}, make("span", {}, "kept: " + word(block.kind)), make("p", {dir: "auto"}, block.text)));
  const fields = explained.fields.map(f => make("tr", {},
    make("th", {scope: "row"}, f.name),
    cell("", shown(f.value)),
    cell("from", [f.source, f.rule].filter(Boolean).join(", ")),
    cell("sure", f.confidence === undefined ? "" : Math.round(f.confidence * 100) + " %")));
  const nodes = [make("p", {class: "verdict " + kind}, make("strong", {}, kind), " to " + explained.published.topic + " – " + why)];
  if (blocks.length) nodes.push(make("h3", {}, "The text: kept " + kept + " of " + blocks.length + " blocks"), make("ol", {class: "blocks"}, ...blocks));
  if (fields.length) nodes.push(make("h3", {}, "What was read"), make("table", {class: "cards"}, make("tbody", {}, ...fields)));
  return nodes;
}

look();
setInterval(look, 2000);
const pair = /^#pair=(\d+),(\d+)$/.exec(location.hash);
if (pair) showPair(pair[1], pair[2]);
