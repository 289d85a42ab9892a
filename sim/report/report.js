/* Draws the charts over time with dygraphs, from the numbers in the page, and
   keeps their zoom together, that of the state lanes too. Without it the page has
   the same charts as drawings that do not zoom. */
(function () {
  "use strict";
  var data = document.getElementById("data");
  if (!data || typeof Dygraph !== "function") return;
  data = JSON.parse(data.textContent);
  var root = document.documentElement;
  var graphs = [];
  var buttons = [];
  var busy = false;
  var whole = data.charts.length ? [0, data.charts[0].until] : null;
  if (!whole) return;

  function colour(name) {
    return getComputedStyle(root).getPropertyValue(name).trim();
  }

  function seconds(value, span) {
    var digits = span < 0.5 ? 3 : span < 5 ? 2 : span < 20 ? 1 : 0;
    return value.toFixed(digits) + "\u00a0s";
  }

  function number(value) {
    return String(Number(value.toPrecision(3)));
  }

  function rows(chart) {
    var first = chart.lines[0].y, result = [], i;
    function at(line) { return line.y[i] === undefined ? null : line.y[i]; }
    for (i = 0; i < first.length; i++)
      result.push([chart.x0 + i * chart.step].concat(chart.lines.map(at)));
    return result;
  }

  /* The legend is drawn with the style of each line: what it computed is used. */
  function looks(chart, figure) {
    var options = {};
    chart.lines.forEach(function (line) {
      var style = getComputedStyle(figure.querySelector(".legend .s" + line.style));
      var dashes = style.strokeDasharray === "none" ? null
        : style.strokeDasharray.split(/[ ,]+/).map(parseFloat);
      options[line.name] = { color: style.stroke, strokePattern: dashes, strokeWidth: 1.75 };
    });
    return options;
  }

  function bands(context, area, graph) {
    data.bands.forEach(function (band) {
      var left = graph.toDomXCoord(band.from), right = graph.toDomXCoord(band.until);
      left = Math.max(left, area.x);
      right = Math.min(right, area.x + area.w);
      if (right < area.x || left > area.x + area.w) return;
      context.fillStyle = colour(band["class"] === "hurt" ? "--hurt" : "--fault");
      context.fillRect(left, area.y, Math.max(right - left, 1.5), area.h);
      if (graph.toDomXCoord(band.from) >= area.x) {
        context.fillStyle = colour(band["class"] === "hurt" ? "--bad" : "--c5");
        context.fillRect(left, area.y, 1.5, area.h);
      }
    });
    data.bands.forEach(function (band) {
      var left = graph.toDomXCoord(band.from), right = left > area.x + 0.6 * area.w;
      if (!band.label || left < area.x || left > area.x + area.w) return;
      context.font = "600 12px system-ui, sans-serif";
      context.fillStyle = colour("--ink");
      context.textAlign = right ? "right" : "left";
      context.fillText(band.label, left + (right ? -6 : 6), area.y + 14);
    });
  }

  function readout(chart, output, points, x) {
    var words = [seconds(x, chart.step)];
    points.forEach(function (point) {
      if (point.yval !== null && !isNaN(point.yval))
        words.push(point.name + ": " + number(point.yval) + "\u00a0" + chart.unit);
    });
    output.textContent = words.join("   ");
  }

  /* A finger on a chart scrolls the page; the buttons zoom. */
  function mouseOnly() {
    var model = {}, name;
    for (name in Dygraph.defaultInteractionModel)
      if (!/^touch/.test(name)) model[name] = Dygraph.defaultInteractionModel[name];
    return model;
  }

  function lanes(from, until) {
    document.querySelectorAll(".lanes svg.lane").forEach(function (svg) {
      svg.setAttribute("viewBox", from + " 0 " + (until - from) + " 1");
    });
    document.querySelectorAll("svg.ruler.time g.axis").forEach(function (axis) {
      var i, text;
      while (axis.firstChild) axis.removeChild(axis.firstChild);
      for (i = 0; i <= 4; i++) {
        text = document.createElementNS("http://www.w3.org/2000/svg", "text");
        text.setAttribute("x", 25 * i + "%");
        text.setAttribute("y", "16");
        text.setAttribute("text-anchor", i === 0 ? "start" : i === 4 ? "end" : "middle");
        text.textContent = seconds(from + (until - from) * i / 4, until - from);
        axis.appendChild(text);
      }
    });
  }

  function same(a, b) {
    return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) < 1e-6;
  }

  function show(from, until) {
    if (busy) return;
    busy = true;
    from = Math.max(from, whole[0]);
    until = Math.min(until, whole[1]);
    graphs.forEach(function (entry) {
      entry.graph.updateOptions({ dateWindow: [from, until] });
    });
    lanes(from, until);
    buttons.forEach(function (button) {
      button.element.setAttribute("aria-pressed",
        button.span ? String(same(button.span, [from, until])) : "false");
    });
    busy = false;
  }

  function shown() {
    return graphs[0].graph.xAxisRange();
  }

  function draw(chart) {
    var figure = document.getElementById(chart.id);
    var drawing = figure.querySelector(".drawing");
    var still = drawing.querySelector(".static");
    var box = document.createElement("div");
    var output = document.createElement("p");
    box.className = "dy";
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", still.getAttribute("aria-label"));
    output.className = "readout";
    drawing.appendChild(box);
    figure.appendChild(output);
    drawing.classList.add("drawn");
    graphs.push({ chart: chart, figure: figure, graph: new Dygraph(box, rows(chart), {
      labels: ["seconds"].concat(chart.lines.map(function (line) { return line.name; })),
      series: looks(chart, figure),
      legend: "never",
      logscale: chart.log,
      includeZero: !chart.log,
      dateWindow: whole.slice(),
      interactionModel: mouseOnly(),
      axisLineColor: colour("--muted"),
      gridLineColor: colour("--rule"),
      gridLineWidth: 1,
      axisLabelFontSize: 12,
      connectSeparatedPoints: false,
      drawGapEdgePoints: true,
      highlightCircleSize: 3,
      underlayCallback: bands,
      highlightCallback: function (event, x, points) { readout(chart, output, points, x); },
      unhighlightCallback: function () { output.textContent = ""; },
      zoomCallback: function (from, until) { show(from, until); },
      drawCallback: function (graph, initial) {
        var range = graph.xAxisRange();
        if (!initial && !busy) show(range[0], range[1]);
      },
      axes: {
        x: { axisLabelWidth: 62, pixelsPerLabel: 80, axisLabelFormatter: function (value, grain, option, graph) {
          var range = graph.xAxisRange();
          return seconds(value, range[1] - range[0]);
        } },
        y: { axisLabelWidth: 44, axisLabelFormatter: number }
      }
    }) });
  }

  function button(bar, text, span, action) {
    var element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    if (span) element.setAttribute("aria-pressed", "false");
    element.addEventListener("click", action);
    bar.appendChild(element);
    buttons.push({ element: element, span: span });
  }

  function scale(factor, shift) {
    return function () {
      var range = shown(), half = (range[1] - range[0]) / 2 * factor;
      var middle = (range[0] + range[1]) / 2 + shift * half;
      half = Math.max(half, 2 * data.charts[0].step);
      middle = Math.min(Math.max(middle, whole[0] + half), whole[1] - half);
      show(middle - half, middle + half);
    };
  }

  function toolbar() {
    var bar = document.createElement("div");
    var first = graphs[0].figure;
    bar.className = "zoom";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Zoom of all charts over time");
    button(bar, "Whole run", whole, function () { show(whole[0], whole[1]); });
    data.bands.filter(function (band) { return band["class"] === "hurt"; })
      .slice(0, 6).forEach(function (band, i) {
        var span = Math.max(band.until - band.from, 6 * data.charts[0].step);
        var window_ = [Math.max(whole[0], band.from - span / 2),
          Math.min(whole[1], band.from + 1.5 * span)];
        button(bar, "Failover " + (i + 1), window_, function () { show(window_[0], window_[1]); });
      });
    button(bar, "Zoom in", null, scale(0.5, 0));
    button(bar, "Zoom out", null, scale(2, 0));
    button(bar, "Earlier", null, scale(1, -1));
    button(bar, "Later", null, scale(1, 1));
    first.parentNode.insertBefore(bar, first);
  }

  function recolour() {
    graphs.forEach(function (entry) {
      entry.graph.updateOptions({
        series: looks(entry.chart, entry.figure),
        axisLineColor: colour("--muted"),
        gridLineColor: colour("--rule")
      });
    });
  }

  /* Its legend is written with style attributes, which the page's policy forbids; ours is
     in the page already. */
  Dygraph.PLUGINS = Dygraph.PLUGINS.filter(function (plugin) {
    return plugin !== Dygraph.Plugins.Legend;
  });
  root.classList.add("script");
  data.charts.forEach(draw);
  toolbar();
  buttons[0].element.setAttribute("aria-pressed", "true");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
}());
