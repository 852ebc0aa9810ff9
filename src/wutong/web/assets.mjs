// Copies the browser files of node_modules that pages load into static/vendor (git-ignored). Nothing is downloaded here.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "../../../node_modules");
const vendor = join(here, "static/vendor");

const files = {
  "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
  "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "echarts.min.js": "echarts/dist/echarts.min.js",
};
const licences = {
  "tabler-icons.LICENSE": "@tabler/icons/LICENSE",
  "echarts.LICENSE": "echarts/LICENSE",
  "echarts.NOTICE": "echarts/NOTICE",
};

// One symbol an icon; pages write <svg class="icon"><use href="…/icons.svg#name"/></svg>.
const icons = [
  "adjustments-horizontal", "alert-triangle", "arrow-left", "bell", "building", "building-factory-2", "cash", "chart-bar", "chevron-down", "chevron-right", "chevron-up",
  "circle-check", "clipboard-list", "clock", "columns", "dots", "download", "external-link", "filter", "help-circle", "history", "home",
  "hourglass", "info-circle", "key", "language", "link", "list", "list-search", "lock", "login", "logout", "mail", "map-pin", "menu-2", "minus", "pencil",
  "player-play", "plus", "refresh", "ruler-measure", "schema", "search", "selector", "settings", "shield-check", "sitemap", "sort-ascending", "sort-descending",
  "table", "target", "target-arrow", "topology-star-3", "trash", "upload", "user", "user-off", "user-plus", "users", "world", "x",
];

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
for (const [name, source] of Object.entries(files)) {
  const text = readFileSync(join(modules, source), "utf8");
  // The maps are not shipped, and the manifest storage refuses a link to a file that is not there.
  writeFileSync(join(vendor, name), text.replace(/^\/[/*]# sourceMappingURL=.*$/gm, ""));
}
for (const [name, source] of Object.entries(licences)) copyFileSync(join(modules, source), join(vendor, name));

const symbols = icons.map((name) => {
  const svg = readFileSync(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
});
writeFileSync(join(vendor, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
