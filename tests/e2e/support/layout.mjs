// What is wrong with the layout of the page as it is now, in words. All of it runs in the browser.

/** The regions of the page. */
const REGIONS = [
  ".timeline", ".setup", ".matrix", ".strips", ".curves:not(.numbers)", ".map", ".tables", ".numbers", ".exhibits", ".transport",
];

/** Everything that is wrong with the page as it is now. */
export const misfits = (page) => page.evaluate(inspect, REGIONS);

function inspect(regions) {
  /** Parts of a pixel, and what a face has above and below its letters. */
  const [SLACK, LEADING] = [1, 4];
  /** Side of the least target by WCAG 2.5.8, in CSS pixels. */
  const TARGET = 24;
  const found = new Set();
  const all = [...document.body.querySelectorAll("*")].filter((it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
  const style = new Map(all.map((it) => [it, getComputedStyle(it)]));
  const named = (it) => {
    const words = (it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent).trim().replace(/\s+/g, " ").slice(0, 40);
    return `${it.localName}${[...it.classList].map((name) => `.${name}`).join("")} "${words}"`;
  };
  const above = (it) => (it ? [it, ...above(it.parentElement)] : []);
  /** Only for those who hear the page, or off the page until it has the focus. */
  const clipped = new Set(all.filter((it) => style.get(it).clipPath === "inset(50%)"));
  const unseen = (it) => it.closest(".skip") !== null || above(it).some((holder) => clipped.has(holder));
  /** Scrolls sideways on purpose: then it can be reached by the keyboard. */
  const scrolls = (it) => /auto|scroll/.test(style.get(it)?.overflowX) && it.tabIndex === 0;
  const seen = all.filter((it) => !unseen(it));

  // Regions lie beside each other.
  const boxes = regions.map((name) => [name, document.querySelector(name)]).filter(([, it]) => it?.checkVisibility());
  const areas = boxes.map(([name, it]) => [name, it.getBoundingClientRect()]);
  for (const [at, [name, one]] of areas.entries()) {
    for (const [other, two] of areas.slice(at + 1)) {
      const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (across > SLACK && down > SLACK) found.add(`${name} and ${other} overlap`);
    }
  }

  // Nothing lies outside of the window sideways, nor can be scrolled to.
  if (document.documentElement.scrollWidth > innerWidth) found.add("the page scrolls sideways");
  for (const it of seen) {
    const { left, right, width } = it.getBoundingClientRect();
    const outside = width > 0 && (left < -SLACK || right > innerWidth + SLACK);
    if (outside && !above(it.parentElement).some(scrolls)) found.add(`${named(it)} lies outside of the window`);
  }

  // No text is cut off, unless it scrolls, or ends in an ellipsis and has a title.
  for (const it of seen) {
    if (it.matches("input[type=number]") && it.scrollWidth > it.clientWidth + SLACK) found.add(`${named(it)} is cut off`);
    for (const text of [...it.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) {
      const range = document.createRange();
      range.selectNodeContents(text);
      // Letters of a drawing may be turned.
      const drawn = it instanceof SVGElement;
      const rects = drawn ? [it.getBoundingClientRect()] : [...range.getClientRects()];
      for (const holder of above(it).filter((holder) => style.has(holder))) {
        const { overflowX, overflowY, textOverflow } = style.get(holder);
        const panel = regions.some((name) => holder.matches(name));
        if (scrolls(holder)) break;
        const told = textOverflow === "ellipsis" && above(holder).some((it) => it.title);
        const { left, right, top, bottom } = holder.getBoundingClientRect();
        const slack = drawn ? LEADING : SLACK;
        const wide = rects.some((rect) => rect.left < left - slack || rect.right > right + slack);
        const tall = rects.some((rect) => rect.top < top - LEADING || rect.bottom > bottom + LEADING);
        if (wide && (panel || (overflowX !== "visible" && !told))) found.add(`${named(it)} is cut off by ${named(holder)}`);
        if (tall && /hidden|clip/.test(overflowY)) found.add(`${named(it)} is cut off below by ${named(holder)}`);
        // Whatever scrolls downwards hides what is below.
        if (/auto|scroll/.test(overflowY)) break;
      }
    }
  }

  // Targets are large enough, or have so much room around them; a label is part of its field. What is hidden from those who hear
  // the page does the same as a target that is not, and what is scrolled out of sight is none.
  const controls = "a[href], button, input, select, summary";
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];
  const inSight = (it) => it.contains(document.elementFromPoint(...middle(it.getBoundingClientRect())));
  const active = seen.filter((it) => it.matches(controls) && !it.disabled && !it.ariaHidden && inSight(it));
  const targets = active.map((it) => {
    const parts = [it, ...(it.labels ?? [])].map((part) => part.getBoundingClientRect());
    const [left, top] = [Math.min(...parts.map((part) => part.left)), Math.min(...parts.map((part) => part.top))];
    const [right, bottom] = [Math.max(...parts.map((part) => part.right)), Math.max(...parts.map((part) => part.bottom))];
    return { it, left, top, right, bottom, small: Math.min(right - left, bottom - top) < TARGET - 0.5 };
  });
  for (const small of targets.filter((target) => target.small)) {
    const [x, y] = middle(small);
    const near = targets.find((other) => {
      if (other === small || other.it.contains(small.it) || small.it.contains(other.it)) return false;
      const [beyond, below] = middle(other);
      const apart = Math.hypot(
        x - Math.min(Math.max(x, other.left), other.right),
        y - Math.min(Math.max(y, other.top), other.bottom),
      );
      return apart < TARGET / 2 - SLACK || (other.small && Math.hypot(x - beyond, y - below) < TARGET - SLACK);
    });
    if (near) found.add(`${named(small.it)} is small and close to ${named(near.it)}`);
  }
  return [...found];
}

/** How many drawings with texts are on the page, and which of their texts lie over another of the same drawing. */
export const overprinted = (page) => page.evaluate(compare);

/** Runs in the browser. */
function compare() {
  /** Parts of a pixel, and what a face has above and below its letters. */
  const [SLACK, LEADING] = [1, 4];
  const texts = (drawing) =>
    [...drawing.querySelectorAll("text")]
      .map((it) => ({ words: it.textContent.trim(), turned: it.hasAttribute("transform"), box: it.getBoundingClientRect() }))
      .filter(({ words, box }) => words && box.width > 0);
  const drawings = [...document.querySelectorAll("svg")].filter((it) => it.checkVisibility()).map(texts).filter((all) => all.length > 0);
  const over = [];
  for (const all of drawings) {
    for (const [at, one] of all.entries()) {
      for (const two of all.slice(at + 1)) {
        const across = Math.min(one.box.right, two.box.right) - Math.max(one.box.left, two.box.left);
        const down = Math.min(one.box.bottom, two.box.bottom) - Math.max(one.box.top, two.box.top);
        // Of a turned text the leading lies beside its letters.
        const turned = one.turned || two.turned;
        if (across > (turned ? LEADING : SLACK) && down > (turned ? SLACK : LEADING)) over.push(`"${one.words}" and "${two.words}"`);
      }
    }
  }
  return { drawings: drawings.length, over };
}
