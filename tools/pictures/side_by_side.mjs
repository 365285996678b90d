// Draws diagrams with bpmn-js in Chromium and photographs them beside our pictures.
// stdin: {"modules": folder of node_modules, "browser": path, "jobs": [{"xml", "svg", "png", "width"}]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const order = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(order.modules, "index.js"));
const { chromium } = require("playwright-core");
const bundle = join(order.modules, "bpmn-js/dist/bpmn-viewer.production.min.js");

const frame = `<style>
    body { margin: 8px; font: 13px sans-serif; background: #fff; }
    main { display: flex; flex-direction: column; gap: 8px; }
    main.narrow { flex-direction: row; }
    figure { margin: 0; flex: 1; min-width: 0; border: 1px solid #ccc; }
    figcaption { background: #eee; padding: 2px 8px; }
    svg { display: block; width: 100%; height: auto; }
    #canvas { position: absolute; width: 10px; height: 10px; visibility: hidden; }
  </style><div id="canvas"></div><main>
    <figure><figcaption>bpmn-js</figcaption><div id="theirs"></div></figure>
    <figure><figcaption>workflow render</figcaption><div id="ours"></div></figure>
  </main>`;

const browser = await chromium.launch({ executablePath: order.browser, args: ["--no-sandbox"] });
for (const job of order.jobs) {
  const page = await browser.newPage({ viewport: { width: job.width, height: 100 } });
  await page.setContent(frame);
  await page.addScriptTag({ path: bundle });
  await page.evaluate(compare, { xml: readFileSync(job.xml, "utf8"), svg: readFileSync(job.svg, "utf8") });
  await page.screenshot({ path: job.png, fullPage: true });
  await page.close();
}
await browser.close();

async function compare({ xml, svg }) {
  const viewer = new globalThis.BpmnJS({ container: "#canvas" });
  await viewer.importXML(xml);
  const theirs = (await viewer.saveSVG()).svg;
  viewer.destroy();
  document.querySelector("#theirs").innerHTML = theirs;
  document.querySelector("#ours").innerHTML = svg;
  const { width, height } = document.querySelector("#ours svg").viewBox.baseVal;
  document.querySelector("main").classList.toggle("narrow", width < 1.6 * height || width < 700);
}
