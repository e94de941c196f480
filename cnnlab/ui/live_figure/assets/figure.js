// A plot that lives on while its data change: zoom, hidden traces and hover stay. Also a pulse: a clock without a plot.
// Knows nothing of runs or training; Python (component.py) says what to draw and what has changed since last time.

const plots = new WeakMap() // host element -> Plot
const clocks = new Map() // group -> Clock
let library = null // promise of Plotly, loaded by the first figure of a browser tab
const NO_ANSWER_MS = 15000

export default function (component) {
  const { data, parentElement } = component
  if (!data) return
  if (data.kind === "figure") {
    const host = hostOf(parentElement)
    if (!plots.has(host)) plots.set(host, new Plot(host))
    plots.get(host).show(component)
  }
  if (data.group) keepTime(component)
  return () => {
    // Streamlit also calls this for an update that another one has overtaken: only a removed element is cleaned up
    const host = parentElement.querySelector?.(":scope > figure")
    if (host && !host.isConnected) plots.get(host)?.end()
  }
}

function hostOf(parentElement) {
  let host = parentElement.querySelector(":scope > figure")
  if (!host) {
    host = document.createElement("figure")
    host.className = "cnnlab-figure"
    host.style.margin = "0"
    parentElement.append(host)
  }
  return host
}

class Plot {
  constructor(host) {
    this.host = host
    this.have = 0 // number of the last update that was taken in; 0: nothing yet
    this.arrays = []
    this.skeleton = null
    this.view = null
    this.drawing = Promise.resolve()
    this.area = document.createElement("div")
    host.replaceChildren(this.area)
    this.observer = new ResizeObserver(() => this.fit())
    this.observer.observe(host)
  }

  show(component) {
    const { data } = component
    this.component = component
    this.host.setAttribute("aria-label", data.alt)
    this.area.style.height = `${data.height}px`
    const theme = themeOf(this.host)
    const isNew = this.takeIn(data)
    if (isNew === null) return component.setTriggerValue("resync", Date.now())
    if (!isNew && theme.id === this.themeId && this.isDrawn) return
    this.themeId = theme.id
    this.theme = theme
    this.drawing = this.drawing.then(() => this.draw()).catch((error) => this.fail(error))
  }

  // true: something changed; false: nothing new; null: an update was lost and everything is needed again
  takeIn(data) {
    if (data.seq === this.have && this.skeleton) return false
    if (data.since !== 0 && data.since !== this.have) return null
    if (data.since === 0) this.arrays = []
    if (data.skeleton) this.skeleton = data.skeleton
    data.arrays.forEach((parts, index) => {
      const old = this.arrays[index] ?? {}
      const fresh = {}
      for (const [name, part] of Object.entries(parts)) fresh[name] = joined(old[name], part)
      this.arrays[index] = fresh
    })
    this.arrays.length = data.arrays.length
    this.have = data.seq
    return true
  }

  async draw() {
    const Plotly = await plotly(this.component.data.version)
    if (!this.host.isConnected) return
    const { data: traces, layout } = recoloured(this.skeleton, this.theme.isDark ? this.component.data.dark : {})
    const drawn = traces.map((trace, index) => ({ ...trace, ...this.arrays[index] }))
    const dressed = {
      ...layout,
      height: this.component.data.height,
      autosize: true,
      uirevision: layout.uirevision ?? "kept",
      font: { ...layout.font, family: this.theme.font, color: this.theme.text },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
    }
    await Plotly.react(this.area, drawn, dressed, configuration(Plotly, this.component.data.name))
    if (!this.isDrawn) {
      this.isDrawn = true
      this.host.dataset.drawn = "true"
      this.area.on("plotly_relayout", () => this.lookAtView())
    }
    this.host.dataset.updates = String(this.have)
  }

  // Zooming asks Python for what lies between the points that are drawn
  lookAtView() {
    if (!this.component.data.zoomable) return
    clearTimeout(this.viewTimer)
    this.viewTimer = setTimeout(() => {
      const axis = this.area._fullLayout?.xaxis
      if (!axis) return
      const view = axis.autorange ? null : [Number(axis.range[0]), Number(axis.range[1])]
      if (JSON.stringify(view) === JSON.stringify(this.view)) return
      this.view = view
      this.component.setStateValue("view", view)
    }, 250)
  }

  fit() {
    if (!this.isDrawn || this.host.clientWidth === this.width) return
    this.width = this.host.clientWidth
    requestAnimationFrame(() => this.host.isConnected && globalThis.Plotly.Plots.resize(this.area))
  }

  fail(error) {
    console.error(error)
    this.area.textContent = `This figure could not be drawn (${error.message}); reload the page.`
  }

  end() {
    this.observer.disconnect()
    clearTimeout(this.viewTimer)
    if (this.isDrawn) globalThis.Plotly.purge(this.area)
    plots.delete(this.host)
  }
}

// A part is {keep, type, data}: the first `keep` values stay, the rest comes in base64
function joined(old, part) {
  const Type = part.type === "i4" ? Int32Array : Float32Array
  const bytes = Uint8Array.from(atob(part.data), (letter) => letter.charCodeAt(0))
  const fresh = new Type(bytes.buffer)
  if (!part.keep || !old) return fresh
  const all = new Type(part.keep + fresh.length)
  all.set(old.subarray(0, part.keep))
  all.set(fresh, part.keep)
  return all
}

// Figures are made in light colours; the dark theme has a counterpart for each
function recoloured(value, dark) {
  if (typeof value === "string") return value[0] === "#" ? (dark[value.toLowerCase()] ?? value) : value
  if (Array.isArray(value)) return value.map((one) => recoloured(one, dark))
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, recoloured(one, dark)]))
}

function themeOf(host) {
  const style = getComputedStyle(host)
  const [background, text, font] = ["--st-background-color", "--st-text-color", "--st-font"].map((name) =>
    style.getPropertyValue(name).trim(),
  )
  const isDark = luminance(background) < 0.5
  return { isDark, text, font, id: [isDark, text, font].join("|") }
}

function luminance(colour) {
  const context = document.createElement("canvas").getContext("2d")
  context.fillStyle = colour || "#ffffff"
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(context.fillStyle.slice(at, at + 2), 16) / 255)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function configuration(Plotly, name) {
  const svg = {
    name: "Download as SVG",
    title: "Download as SVG",
    icon: Plotly.Icons.disk,
    click: (plot) => Plotly.downloadImage(plot, { format: "svg", filename: name }),
  }
  return {
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    modeBarButtonsToAdd: [svg],
    toImageButtonOptions: { format: "png", scale: 2, filename: name },
  }
}

// 4.8 MB, so: only when there is something to plot, once a tab, and from the browser's cache after a reload
function plotly(version) {
  library ??= (async () => {
    const url = new URL(`../cnnlab.plotly/plotly.min.js?v=${version}`, import.meta.url)
    const answer = await fetch(url, { cache: "force-cache" })
    if (!answer.ok) throw new Error(`plotly.js: status ${answer.status}`)
    const source = URL.createObjectURL(new Blob([await answer.text()], { type: "text/javascript" }))
    await new Promise((done, failed) => {
      const script = document.createElement("script")
      script.src = source
      script.onload = done
      script.onerror = () => failed(new Error("plotly.js could not be read"))
      document.head.append(script)
    })
    URL.revokeObjectURL(source)
    return globalThis.Plotly
  })()
  library.catch(() => (library = null))
  return library
}

// One clock a group: whoever was updated last asks for all, so several figures in one fragment cost one question
function keepTime(component) {
  const { group, every } = component.data
  let clock = clocks.get(group)
  if (!clock) clocks.set(group, (clock = { timer: null, waits: false }))
  clearTimeout(clock.timer)
  clock.waits = false
  if (!every) return void clocks.delete(group)
  clock.place = component.parentElement
  clock.ask = () => {
    if (!clock.place.isConnected) return void clocks.delete(group)
    clock.waits = document.hidden // the tab comes back to life through `visibilitychange`
    if (clock.waits) return
    if (isConnected()) component.setTriggerValue("beat", Date.now())
    clock.timer = setTimeout(clock.ask, NO_ANSWER_MS)
  }
  clock.timer = setTimeout(clock.ask, every * 1000)
}

function isConnected() {
  const app = document.querySelector("[data-testid=stApp]")
  return app?.getAttribute("data-test-connection-state") === "CONNECTED"
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return
  for (const clock of clocks.values()) {
    if (!clock.waits) continue
    clearTimeout(clock.timer)
    clock.ask()
  }
})
