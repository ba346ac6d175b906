// Reads a page as a visitor meets it. Evaluated in an isolated world, where the page's own scripts cannot redefine what
// is called here; whatever it finds is text to be judged and never code. Bounded in elements, blocks and characters,
// because the page decides how many there are. The result is a plain object: see `extract.rs`.
(() => {
  'use strict';
  const MAX_ELEMENTS = 15000, MAX_BLOCKS = 900, MAX_HIDDEN = 200, MAX_TEXT = 600, MAX_TOTAL = 80000, MAX_DEPTH = 200;
  const MAIN = 'main', NAV = 'nav', FOOTER = 'footer', RELATED = 'related', REVIEW = 'review', OVERLAY = 'overlay';

  // Words in ids and class names, compared with whole parts of a name: `cross-sell`, `crossSell` and `crosssell` alike.
  const words = (list) => new Set(list.split(' '));
  const NAV_WORDS = words('nav navbar navigation menu submenu megamenu header topbar masthead breadcrumb breadcrumbs crumbs toolbar pagination pager skip skiplink minicart');
  const FOOTER_WORDS = words('footer foot colophon copyright imprint legal sitefooter pagefooter bottombar');
  const RELATED_WORDS = words('related recommend recommended recommendation recommendations recs similar crosssell crossselling crosssells upsell upsells upselling alternatives suggestion suggestions suggested recentlyviewed bestseller bestsellers sponsored advert advertisement ads teaser teasers alsolike alsobought alsoviewed frequentlybought morelikethis');
  const REVIEW_WORDS = words('review reviews comment comments testimonial testimonials feedback ugc disqus trustpilot bazaarvoice yotpo bewertung bewertungen rezension rezensionen kundenmeinungen avis opiniones opinion resenas recensioni recenzje qanda questions');
  const OVERLAY_WORDS = words('overlay modal popup popover lightbox dialog consent cookie cookies gdpr cmp onetrust usercentrics interstitial newsletterpopup cookiebanner cookieconsent cookiebar');
  const VARIANT_WORDS = words('variant variants variation variations swatch swatches size sizes option options colour colours color colors selector sizeselector');
  const DISABLED_WORDS = words('disabled inactive soldout outofstock unavailable off notavailable isdisabled');
  const BUTTON_WORDS = words('btn button cta addtocart addtobasket buynow buybutton');
  const PAIRS = words('crosssell crossselling upsell recentlyviewed alsolike alsobought alsoviewed frequentlybought morelikethis soldout outofstock notavailable isdisabled addtocart addtobasket buynow sizeselector newsletterpopup cookiebanner cookieconsent cookiebar sitefooter pagefooter skiplink minicart');

  // Headings of parts of a page that speak of other products or of what visitors wrote.
  const RELATED_HEADING = /^(you (may|might) (also )?(like|love|be interested)|(customers|people|others|shoppers) (who |also )|similar|related|recommended|recommendations|more (from|like)|frequently bought|recently viewed|replacement (models?|products?)|alternatives?\b|complete (the|your)|goes well|pairs well|trending|our best ?sellers|best ?sellers|kunden (kauften|haben|sahen)|ähnliche|das könnte|wird oft|passend dazu|passendes|weitere (artikel|produkte)|empfehlungen|empfohlen|zuletzt angesehen|vous aimerez|vous pourriez|produits (similaires|associés)|les clients|également|également|nos recommandations|también te|productos (relacionados|similares)|te puede|quizás te|los clientes|recomendados|ti potrebbe|potrebbe|prodotti (simili|correlati)|chi ha|você também|produtos (relacionados|semelhantes)|quem (viu|comprou)|recomendados|também|misschien|vergelijkbare|gerelateerde|anderen|andere klanten|aanbevolen|du kanske|liknande|relaterade|andra|rekommender|du vil måske|lignende|relaterede|relaterte|andre|saattaisit|samankaltais|suosittel|muut|inni|podobne|polecane|zobacz (też|także)|może ci|klienci|mohlo by|podobné|související|doporuč|ďalšie|hasonló|ajánlott|mások|s-ar putea|produse (similare|asemănătoare)|clienții|подобни|може да|вам (может|також|также)|похожие|схожі|рекоменд|с этим|з цим|σχετικά|παρόμοια|μπορεί|benzer|önerilen|bunlar|ilgini|関連|おすすめ|この商品を|こちらも|よく一緒|최근|관련|추천|함께|相关|相似|推荐|猜你|您可能|相關|推薦|你可能|sản phẩm (tương tự|liên quan)|สินค้า(ที่เกี่ยวข้อง|แนะนำ|ใกล้เคียง)|produk (terkait|serupa)|منتجات (مشابهة|ذات صلة)|قد يعجبك|מוצרים (דומים|קשורים)|אולי)/i;
  const REVIEW_HEADING = /^((customer |product |user |verified |all )?(reviews?|ratings?|comments?|testimonials?|opinions?)\b|what (our )?(customers|people) (say|think)|(customer )?questions|q ?& ?a|(kunden)?(bewertungen|rezensionen|meinungen|kommentare)|kundenstimmen|(les )?avis|commentaires|opiniones|reseñas|valoraciones|comentarios|recensioni|opinioni|commenti|avaliações|opiniões|comentários|beoordelingen|recensies|reviews|omdömen|recensioner|anmeldelser|vurderinger|arvostelut|arviot|opinie|recenzje|komentarze|recenze|hodnocení|recenzie|hodnotenie|vélemények|értékelések|recenzii|păreri|отзывы|відгуки|отзиви|κριτικές|αξιολογήσεις|yorumlar|değerlendirmeler|レビュー|口コミ|カスタマーレビュー|리뷰|후기|评论|评价|評論|評價|đánh giá|รีวิว|ulasan|تقييمات|مراجعات|ביקורות|חוות דעת)/i;
  const PRICE = /[€$£¥₹₩₽₺₫฿₴]\s?\d|\d[\d.,\s]*\s?(?:€|\$|£|¥|₹|₩|₽|₺|₫|฿|₴|zł|kč|kr\b|lei\b|ft\b|лв|eur\b|usd\b|gbp\b|chf\b|円)/i;

  const clean = (text) => text.replace(/[\s\u00a0\u200b\u200c\u2060\ufeff]+/g, ' ').trim();
  // A form's fields, and a document's images, hide its own properties when they have their names: a form with a field called
  // `children` has no other children. So these are asked of the prototypes.
  const getter = (prototype, name) => { const { get } = Object.getOwnPropertyDescriptor(prototype, name); return (owner) => get.call(owner); };
  const tag = getter(Element.prototype, 'localName');
  const childrenOf = getter(Element.prototype, 'children');
  const nodesOf = getter(Node.prototype, 'childNodes');
  const parentOf = getter(Node.prototype, 'parentElement');
  const textOf = getter(Node.prototype, 'textContent');
  const attribute = (element, name) => Element.prototype.getAttribute.call(element, name) || '';
  const closest = (element, selector) => Element.prototype.closest.call(element, selector);
  const find = (element, selector) => Element.prototype.querySelector.call(element, selector);
  const body = getter(Document.prototype, 'body'), title = getter(Document.prototype, 'title');

  const nameWords = (element) => {
    const names = `${attribute(element, 'id')} ${attribute(element, 'class')} ${attribute(element, 'data-testid')} ${attribute(element, 'data-component')}`.slice(0, 400);
    const found = new Set();
    for (const name of names.split(/\s+/)) {
      const parts = name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase().split(/[^a-z]+/).filter(Boolean);
      for (let at = 0; at < parts.length; at++) {
        found.add(parts[at]);
        const pair = parts[at] + (parts[at + 1] || '');
        if (PAIRS.has(pair)) found.add(pair);
        const triple = pair + (parts[at + 2] || '');
        if (PAIRS.has(triple)) found.add(triple);
      }
    }
    return found;
  };
  const any = (names, list) => { for (const name of names) if (list.has(name)) return true; return false; };

  // ---- colours
  const colours = new Map();
  const colour = (text) => {
    let parsed = colours.get(text);
    if (parsed === undefined) {
      const numbers = /^rgba?\(/.test(text) ? text.match(/[\d.]+/g) : null;
      parsed = numbers && numbers.length >= 3 ? [+numbers[0], +numbers[1], +numbers[2], numbers.length > 3 ? +numbers[3] : 1] : null;
      colours.set(text, parsed);
    }
    return parsed;
  };
  const luminance = ([red, green, blue]) => {
    const part = (value) => { const share = value / 255; return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  };
  const contrast = (one, other) => {
    const [a, b] = [luminance(one), luminance(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const over = (top, below) => below && [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));

  // ---- state
  const blocks = [];
  let elements = 0, failed = 0, hidden = 0, total = 0, truncated = false;
  const root = document.documentElement;
  const viewportWidth = window.innerWidth, viewportHeight = window.innerHeight;
  const pageWidth = Math.max(root ? root.scrollWidth : 0, viewportWidth);

  // Where a piece of text or a control is, in the coordinates of this document's viewport.
  const boundsOf = (rects, context) => {
    let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
    for (const rect of rects) {
      if (rect.width <= 0 && rect.height <= 0) continue;
      left = Math.min(left, rect.left); top = Math.min(top, rect.top);
      right = Math.max(right, rect.right); bottom = Math.max(bottom, rect.bottom);
    }
    if (left === Infinity) return null;
    return { left: left + context.dx, top: top + context.dy, right: right + context.dx, bottom: bottom + context.dy };
  };

  // Whether something else lies over the middle of it: only what is opaque and part of the page counts, since whatever is
  // fixed over the page is an overlay that visitors close or scroll away from.
  const covered = (element, bounds) => {
    const x = (bounds.left + bounds.right) / 2, y = (bounds.top + bounds.bottom) / 2;
    if (x < 0 || y < 0 || x >= viewportWidth || y >= viewportHeight || element.ownerDocument !== document) return false;
    if (element.getRootNode() !== document) return false;
    const holder = closest(element, 'a,button,label,summary');
    for (const top of document.elementsFromPoint(x, y).slice(0, 12)) {
      if (top === element || top.contains(element) || element.contains(top)) return false;
      // A label over its own box, or an image's link over its text: parts of one control.
      if (holder && holder.contains(top)) return false;
      if (hides(top, element)) return true;
    }
    return false;
  };
  const hides = (top, element) => {
    let opaque = false;
    for (let at = top; at && !at.contains(element); at = parentOf(at)) {
      const style = getComputedStyle(at);
      if (style.position === 'fixed' || style.position === 'sticky' || at.localName === 'dialog' || +style.opacity < 0.9) return false;
      const back = colour(style.backgroundColor);
      if (/^(img|video|canvas|iframe|svg)$/.test(tag(at)) || (back && back[3] > 0.9) || style.backgroundImage !== 'none') opaque = true;
    }
    return opaque;
  };

  const emit = (kind, text, element, context, rects, extra) => {
    text = clean(text);
    if (!text && kind !== 'field' && kind !== 'password_field') return;
    if (!text && context.unseen) return;
    if (text && !/[\p{L}\p{N}]/u.test(text)) return;
    if (text.length > MAX_TEXT) { text = [...text.slice(0, MAX_TEXT)].join(''); }
    const bounds = boundsOf(rects, context);
    let unseen = context.unseen, camouflaged = context.camouflaged;
    if (!unseen) {
      if (!bounds) camouflaged = true;
      else if (kind === 'choice') { /* boxes and options are drawn by the browser or replaced by labels */ }
      else {
        const width = bounds.right - bounds.left, height = bounds.bottom - bounds.top;
        const clip = context.clip;
        if (width < 2 || height < 2) camouflaged = true;
        else if (bounds.right + window.scrollX <= 1 || bounds.bottom + window.scrollY <= 1 || bounds.left + window.scrollX >= pageWidth - 1) camouflaged = true;
        else if (clip && (bounds.right <= clip.left + 1 || bounds.left >= clip.right - 1 || bounds.bottom <= clip.top + 1 || bounds.top >= clip.bottom - 1)) camouflaged = true;
        else if (context.fontSize < 4) camouflaged = true;
        else if (context.ink && context.paper) {
          const ink = context.ink[3] < 1 ? over(context.ink, context.paper) : context.ink;
          if (context.ink[3] < 0.05 || contrast(ink, context.paper) < 1.15) camouflaged = true;
        }
        if (!camouflaged && kind !== 'field' && kind !== 'password_field' && covered(element, bounds)) camouflaged = true;
      }
    }
    const visible = !unseen && !camouflaged;
    if (!visible && ++hidden > MAX_HIDDEN) return;
    if (blocks.length >= MAX_BLOCKS || total >= MAX_TOTAL) { truncated = true; return; }
    total += text.length;
    const round = (value) => Math.round(value * 10) / 10;
    const rect = bounds && !unseen
      ? [round(bounds.left + window.scrollX), round(bounds.top + window.scrollY), round(bounds.right - bounds.left), round(bounds.bottom - bounds.top)]
      : null;
    blocks.push({
      zone: context.zone, kind, text, visible, camouflaged: camouflaged && !unseen,
      disabled: Boolean(extra && extra.disabled), variant: Boolean(extra && extra.variant), rect,
    });
  };

  // ---- zones
  const headingOf = (element) => {
    let candidate = childrenOf(element)[0];
    for (let step = 0; candidate && step < 3; step++) {
      const text = clean((textOf(candidate) || '').slice(0, 200));
      if (/^h[1-6]$/.test(tag(candidate)) || (text && text.length <= 60)) return text.length <= 80 ? text : '';
      candidate = childrenOf(candidate)[0];
    }
    return '';
  };
  const signature = (element) => `${tag(element)}.${attribute(element, 'class')}`;
  const isCard = (element) => {
    const text = textOf(element) || '';
    if (text.length > 400 || find(element, 'h1')) return false;
    return Boolean(find(element, 'a,button,img')) && PRICE.test(text) && Boolean(find(element, 'img,button,a'));
  };
  // Several alike things with a price each: other products, not the one the page is about.
  const isGrid = (element) => {
    const children = childrenOf(element);
    if (children.length < 2 || children.length > 400) return false;
    const first = children[0];
    if (!/^(li|div|article|a|section)$/.test(tag(first)) || !isCard(first)) return false;
    let alike = 0;
    for (let at = 0; at < Math.min(children.length, 12); at++) if (signature(children[at]) === signature(first) && isCard(children[at])) alike++;
    return alike >= 2 && alike * 2 >= Math.min(children.length, 12);
  };
  const coversAPart = (element) => {
    const rect = element.getBoundingClientRect();
    const width = Math.min(rect.right, viewportWidth) - Math.max(rect.left, 0), height = Math.min(rect.bottom, viewportHeight) - Math.max(rect.top, 0);
    return width > 0 && height > 0 && width * height > viewportWidth * viewportHeight * 0.25;
  };
  const heading = document.querySelector('main h1, [role=main] h1, h1');
  const mainElement = document.querySelector('main, [role=main]');
  const zoneOf = (element, style, names, parent) => {
    if (parent === OVERLAY) return OVERLAY;
    const name = tag(element), role = attribute(element, 'role');
    if (name === 'html' || name === 'body') return parent;
    if ((name === 'dialog' && element.open) || role === 'dialog' || role === 'alertdialog' || attribute(element, 'aria-modal') === 'true') return OVERLAY;
    const fixed = style && (style.position === 'fixed' || (style.position === 'absolute' && +style.zIndex >= 100));
    // A whole application may live in one fixed box.
    const holdsThePage = (heading && element.contains(heading)) || (mainElement && (element === mainElement || element.contains(mainElement)));
    if (fixed && !holdsThePage && (coversAPart(element) || any(names, OVERLAY_WORDS))) return OVERLAY;
    if (fixed && !heading && !mainElement && any(names, OVERLAY_WORDS)) return OVERLAY;
    if (name === 'main' || role === 'main') return MAIN;
    if (holdsThePage) return parent;
    if (name === 'nav' || role === 'navigation' || role === 'menu' || role === 'menubar' || role === 'banner' || role === 'search') return parent === RELATED || parent === REVIEW ? parent : NAV;
    const inside = parent === MAIN && parentOf(element) && closest(parentOf(element), 'main,article,[role=main]');
    if (name === 'header' && !inside) return NAV;
    if ((name === 'footer' && !inside) || role === 'contentinfo') return FOOTER;
    if (attribute(element, 'itemprop') === 'review' || /schema\.org\/Review$/.test(attribute(element, 'itemtype'))) return REVIEW;
    if (parent !== MAIN) return parent;
    const container = /^(div|section|aside|ul|ol|article|table|details|header|footer|form)$/.test(name) || name.includes('-');
    if (!container) return parent;
    if (any(names, REVIEW_WORDS) && !/^(form)$/.test(name)) return REVIEW;
    if (any(names, RELATED_WORDS)) return RELATED;
    if (any(names, NAV_WORDS) || (/^(top|head)$/.test(attribute(element, 'id')) && !inside)) return NAV;
    if (any(names, FOOTER_WORDS) || (attribute(element, 'id') === 'bottom' && !inside)) return FOOTER;
    const caption = headingOf(element);
    if (caption && childrenOf(element).length > 1) {
      if (RELATED_HEADING.test(caption)) return RELATED;
      if (REVIEW_HEADING.test(caption)) return REVIEW;
    }
    if (name === 'aside' || role === 'complementary') return find(element, 'form,[type=submit]') ? parent : RELATED;
    if (isGrid(element)) return RELATED;
    return parent;
  };

  // ---- controls
  const labelOf = (element) => {
    const name = tag(element);
    if (name === 'input' && /^(submit|button|reset|image)$/.test(element.type)) return element.value || attribute(element, 'alt') || attribute(element, 'aria-label') || (element.type === 'submit' ? 'Submit' : '');
    if (name === 'input' || name === 'textarea') {
      const label = element.labels && element.labels[0] ? textOf(element.labels[0]) : '';
      return label || attribute(element, 'aria-label') || attribute(element, 'placeholder') || attribute(element, 'title') || attribute(element, 'name') || '';
    }
    const text = clean((element.innerText !== undefined ? element.innerText : element.textContent) || '');
    if (text) return text.slice(0, MAX_TEXT * 2);
    const image = find(element, 'img[alt]');
    return attribute(element, 'aria-label') || attribute(element, 'title') || (image && attribute(image, 'alt')) || '';
  };
  const isDisabled = (element, style, names) =>
    Boolean((element.matches && element.matches(':disabled')) || attribute(element, 'aria-disabled') === 'true' || (style && (style.pointerEvents === 'none' || style.cursor === 'not-allowed')) || any(names, DISABLED_WORDS));
  const isVariant = (element, names) => {
    if (!parentOf(element)) return false;
    const name = tag(element), siblings = [...childrenOf(parentOf(element))].slice(0, 60);
    const alike = siblings.filter((sibling) => signature(sibling) === signature(element)).length;
    const wrapped = parentOf(parentOf(element)) && /^(li|label|span|div)$/.test(tag(parentOf(element)))
      ? [...childrenOf(parentOf(parentOf(element)))].slice(0, 60).filter((sibling) => find(sibling, name)).length : 0;
    if (alike < 2 && wrapped < 2) return any(names, VARIANT_WORDS) && !any(names, BUTTON_WORDS);
    if (any(names, VARIANT_WORDS)) return true;
    if (closest(element, 'fieldset,[role=radiogroup],[role=listbox]')) return true;
    for (let at = parentOf(element), step = 0; at && step < 3; at = parentOf(at), step++) if (any(nameWords(at), VARIANT_WORDS)) return true;
    return false;
  };
  const kindOf = (element, names) => {
    const name = tag(element), role = attribute(element, 'role');
    if (name === 'button' || name === 'summary' || role === 'button') return 'button';
    if (name === 'input') {
      const type = (element.type || 'text').toLowerCase();
      if (type === 'hidden') return 'none';
      if (/^(submit|button|image|reset)$/.test(type)) return 'button';
      if (type === 'password') return 'password_field';
      return type === 'radio' || type === 'checkbox' ? 'choice' : 'field';
    }
    if (name === 'textarea') return 'field';
    if (name === 'option' || role === 'radio' || role === 'option') return 'choice';
    if (name === 'a' || role === 'link') return any(names, BUTTON_WORDS) ? 'button' : attribute(element, 'href') || role === 'link' || element.onclick ? 'link' : null;
    if (/^h[1-6]$/.test(name) || role === 'heading') return 'heading';
    return null;
  };

  // ---- the walk
  const SKIPPED = /^(script|style|noscript|template|head|meta|link|title|base|object|embed|audio|video|canvas|map|area|datalist|source|track|param)$/;

  // A run is text up to the next boundary of a block, with the links in it.
  const newRun = () => ({ text: '', plain: false, nodes: [], element: null, context: null, links: [] });
  let run = newRun();
  const flush = () => {
    const done = run;
    run = newRun();
    if (done.plain && clean(done.text)) {
      const rects = [];
      for (const node of done.nodes.slice(0, 20)) {
        const range = node.ownerDocument.createRange();
        range.selectNodeContents(node);
        const rect = range.getBoundingClientRect();
        rects.push(rect);
      }
      emit('text', done.text, done.element, done.context, rects, { variant: done.context.choice, disabled: false });
    }
    for (const link of done.links) link();
  };

  const contextOf = (element, style, context) => {
    const next = Object.assign({}, context);
    next.depth = context.depth + 1;
    const names = nameWords(element);
    next.zone = context.unseen ? context.zone : zoneOf(element, style, names, context.zone);
    if (!style) return [next, names];
    if (style.display === 'none' || style.contentVisibility === 'hidden') next.unseen = true;
    next.invisible = style.visibility !== 'visible';
    next.opacity = context.opacity * (+style.opacity);
    next.fontSize = parseFloat(style.fontSize) || 0;
    next.ink = colour(style.color);
    const fill = style.webkitTextFillColor && colour(style.webkitTextFillColor);
    if (fill) next.ink = fill;
    if (style.backgroundImage !== 'none' || style.mixBlendMode !== 'normal' || style.backdropFilter && style.backdropFilter !== 'none') next.paper = null;
    else {
      const back = colour(style.backgroundColor);
      if (!back) next.paper = null;
      else if (back[3] >= 0.99) next.paper = back;
      else if (back[3] > 0) next.paper = over(back, context.paper);
    }
    // What lies elsewhere than its parent has another background than it says.
    if (style.position === 'absolute' || style.position === 'fixed') { if (!(colour(style.backgroundColor) || [0, 0, 0, 0])[3]) next.paper = null; }
    if (next.opacity < 0.06) next.camouflaged = true;
    const cut = style.clipPath;
    if (cut && /^inset\((50|100)%|^circle\(0|^polygon\(0(px|%)? 0(px|%)?, 0/.test(cut)) next.camouflaged = true;
    if (/^rect\(0(px)?,? 0(px)?,? 0(px)?,? 0(px)?\)|^rect\(1px,? 1px,? 1px,? 1px\)/.test(style.clip || '')) next.camouflaged = true;
    if (/hidden|clip/.test(style.overflowX) || /hidden|clip/.test(style.overflowY)) {
      if (tag(element) !== 'html' && tag(element) !== 'body' && style.display !== 'inline' && style.display !== 'contents') {
        const rect = element.getBoundingClientRect();
        const box = { left: rect.left + context.dx, top: rect.top + context.dy, right: rect.right + context.dx, bottom: rect.bottom + context.dy };
        if (rect.width <= 2 || rect.height <= 2) next.camouflaged = true;
        const outer = style.position === 'fixed' ? null : context.clip;
        next.clip = outer ? { left: Math.max(outer.left, box.left), top: Math.max(outer.top, box.top), right: Math.min(outer.right, box.right), bottom: Math.min(outer.bottom, box.bottom) } : box;
      }
    } else if (style.position === 'fixed') next.clip = null;
    return [next, names];
  };

  const children = (element) => {
    if (element.shadowRoot) return nodesOf(element.shadowRoot);
    if (tag(element) === 'slot' && element.assignedNodes) {
      const assigned = element.assignedNodes({ flatten: true });
      return assigned.length ? assigned : nodesOf(element);
    }
    return nodesOf(element);
  };

  // What cannot be read is left out, and the rest is read.
  const walk = (element, context) => {
    try { walkElement(element, context); } catch { failed++; }
  };
  const walkElement = (element, context) => {
    if (truncated || context.depth > MAX_DEPTH) return;
    if (++elements > MAX_ELEMENTS) { truncated = true; return; }
    const name = tag(element);
    if (SKIPPED.test(name)) return;
    if (name === 'br' || name === 'hr') { run.text += ' '; return; }
    const view = element.ownerDocument.defaultView;
    const style = view ? view.getComputedStyle(element) : null;
    const [next, names] = contextOf(element, style, context);
    const seen = next.invisible ? Object.assign({}, next, { unseen: true }) : next;

    if (name === 'iframe' || name === 'frame') return walkFrame(element, next);
    if (name === 'svg' || name === 'img') {
      return;
    }
    if (name === 'select') {
      flush();
      const label = clean(attribute(element, 'aria-label') || (element.labels && element.labels[0] && textOf(element.labels[0])) || '');
      const amount = /quantit|qty|amount|menge|anzahl|country|language|currency|sort|quantité|cantidad|antal|aantal|数量/i.test(`${attribute(element, 'name')} ${attribute(element, 'id')} ${label}`);
      const rect = element.getBoundingClientRect();
      for (const option of [...element.options].slice(0, 60)) emit('choice', option.label || option.text, element, seen, [rect], { disabled: option.disabled || element.disabled, variant: !amount });
      return;
    }
    const kind = kindOf(element, names);
    if (kind === 'none') return;
    if (kind === 'link') {
      const disabled = isDisabled(element, style, names), variant = isVariant(element, names);
      const simple = style && /^(inline|contents)$/.test(style.display) && !find(element, 'div,p,ul,ol,table,h1,h2,h3,h4,h5,h6,section,article');
      const one = () => emit('link', labelOf(element), element, seen, element.getClientRects(), { disabled, variant });
      if (simple) {
        // Part of a sentence: the sentence keeps its words, and the link is told after it.
        run.links.push(one);
        const plain = run.plain, element_ = run.element;
        for (const child of children(element)) visit(child, next, true);
        run.plain = plain;
        run.element = element_ || element;
        return;
      }
      flush();
      // A card that is one large link: its parts are told one by one.
      if (find(element, 'div,p,ul,ol,table,h1,h2,h3,h4,h5,h6,section,article,button')) { for (const child of children(element)) visit(child, next, false); flush(); return; }
      one();
      return;
    }
    if (kind === 'heading') {
      flush();
      const inner = find(element, 'a,button');
      emit('heading', (seen.unseen ? element.textContent : element.innerText || element.textContent) || '', element, seen, [textBounds(element)], null);
      if (inner && tag(inner) === 'button') visit(inner, next, false);
      return;
    }
    if (kind) {
      flush();
      const disabled = isDisabled(element, style, names);
      const variant = kind === 'choice' ? !/captcha|human|agree|terms|consent|newsletter|remember/i.test(`${attribute(element, 'name')} ${attribute(element, 'id')} ${labelOf(element)}`) : kind === 'button' && isVariant(element, names);
      let label = labelOf(element);
      let rects = [element.getBoundingClientRect()];
      if (kind === 'button' && name === 'button' && !rects[0].width && style && style.display === 'contents') rects = [textBounds(element)];
      const box = kind === 'choice' && element.labels && element.labels[0] && !element.labels[0].contains(element) ? '' : label;
      emit(kind, kind === 'choice' ? box : label, element, seen, rects, { disabled, variant });
      return;
    }

    const display = style ? style.display : 'block';
    const inline = /^(inline|contents|ruby|none)$/.test(display) && !/^(td|th|li|p|div|section|article)$/.test(name) || (display === 'inline' && style.position === 'static');
    const moved = style && /^(absolute|fixed)$/.test(style.position);
    const boundary = !inline || moved || display === 'none' || next.zone !== context.zone;
    if (boundary) flush();
    else if (run.context && (differs(run.context, seen))) flush();
    for (const child of children(element)) visit(child, next, false);
    if (boundary || (run.context && differs(run.context, seen) === false && differs(seen, context))) flush();
  };
  // Text that is seen and text that is not do not belong to one block, and neither do two inks.
  const differs = (one, other) =>
    one.unseen !== other.unseen || one.camouflaged !== other.camouflaged || one.zone !== other.zone || one.clip !== other.clip || (one.fontSize < 4) !== (other.fontSize < 4)
    || String(one.ink) !== String(other.ink) || String(one.paper) !== String(other.paper);
  const textBounds = (element) => {
    const range = element.ownerDocument.createRange();
    range.selectNodeContents(element);
    const rect = range.getBoundingClientRect();
    return rect.width || rect.height ? rect : element.getBoundingClientRect();
  };
  const walkFrame = (element, context) => {
    flush();
    let inner = null;
    try { inner = element.contentDocument; } catch { inner = null; }
    if (!inner || !body(inner) || context.frames >= 3) return;
    const rect = element.getBoundingClientRect();
    const box = { left: rect.left + context.dx, top: rect.top + context.dy, right: rect.right + context.dx, bottom: rect.bottom + context.dy };
    const next = Object.assign({}, context, { frames: context.frames + 1, dx: context.dx + rect.left, dy: context.dy + rect.top, clip: rect.width > 2 && rect.height > 2 ? null : box, paper: context.paper });
    if (rect.width <= 2 || rect.height <= 2) next.camouflaged = true;
    walk(body(inner), next);
    flush();
  };
  const visit = (node, context, quiet) => {
    if (truncated) return;
    if (node.nodeType === 1) return walk(node, context);
    if (node.nodeType !== 3) return;
    const text = node.nodeValue;
    if (!text || !/\S/.test(text)) { if (text) run.text += ' '; return; }
    const seen = context.invisible ? Object.assign({}, context, { unseen: true }) : context;
    if (run.context && differs(run.context, seen) && !quiet) flush();
    run.text += text.length > 20000 ? text.slice(0, 20000) : text;
    run.nodes.push(node);
    if (!quiet) { run.plain = true; run.element = parentOf(node) || run.element; run.context = seen; }
    else if (!run.context) run.context = seen;
    if (!run.element) run.element = parentOf(node);
    // A text in an option's label belongs to the choice.
    const holder = parentOf(node) && closest(parentOf(node), 'label');
    if (holder && holder.closest('fieldset,[role=radiogroup]') && holder.querySelector('input[type=radio],input[type=checkbox]')) run.context = Object.assign({}, run.context, { choice: true });
  };

  const start = body(document) || root;
  if (start) {
    walk(start, { zone: MAIN, unseen: false, invisible: false, camouflaged: false, opacity: 1, fontSize: 16, ink: [0, 0, 0, 1], paper: [255, 255, 255, 1], clip: null, dx: 0, dy: 0, depth: 0, frames: 0, choice: false });
    flush();
  }

  // ---- what the page says of itself
  const facts = [];
  const last = (text) => { const parts = String(text).trim().split(/[\/#:]/).filter(Boolean); return (parts[parts.length - 1] || '').slice(0, 80); };
  const word = (value) => value === undefined || value === null || typeof value === 'object' ? null : clean(String(value)).slice(0, 200) || null;
  const fact = (source, kind, availability, name, price) => { if (facts.length < 60 && kind) facts.push({ source, kind: last(kind), availability: availability ? last(availability) : null, name, price }); };
  let visited = 0;
  const read = (value, depth) => {
    if (!value || typeof value !== 'object' || depth > 12 || ++visited > 600) return;
    if (Array.isArray(value)) { for (const item of value) read(item, depth + 1); return; }
    const types = [].concat(value['@type'] || []).filter((type) => typeof type === 'string');
    const availability = [].concat(value.availability || [])[0];
    const told = availability && typeof availability === 'object' ? availability['@id'] || availability.name : availability;
    const first = (list) => word([].concat(list === undefined ? [] : list)[0]);
    if (types.length) fact('json_ld', types[0], typeof told === 'string' ? told : null, first(value.name) || first(value.headline), first(value.price) || first(value.lowPrice));
    for (const key of Object.keys(value).slice(0, 80)) if (typeof value[key] === 'object') read(value[key], depth + 1);
  };
  for (const script of [...document.querySelectorAll('script[type="application/ld+json" i]')].slice(0, 20)) {
    try { read(JSON.parse((script.textContent || '').slice(0, 300000)), 0); } catch { /* as good as absent */ }
  }
  const valueOf = (element) => element && (attribute(element, 'content') || attribute(element, 'href') || attribute(element, 'value') || element.textContent || '');
  for (const scope of [...document.querySelectorAll('[itemscope][itemtype]')].slice(0, 40)) {
    const own = (name) => [...scope.querySelectorAll(`[itemprop~="${name}"]`)].slice(0, 20).find((element) => parentOf(element) && parentOf(element).closest('[itemscope]') === scope);
    fact('microdata', attribute(scope, 'itemtype').split(/\s+/)[0], clean(valueOf(own('availability')) || '') || null, word(valueOf(own('name'))), word(valueOf(own('price'))));
  }
  const meta = (names) => { for (const name of names) { const element = document.querySelector(`meta[property="${name}" i],meta[name="${name}" i]`); if (element && attribute(element, 'content')) return attribute(element, 'content'); } return null; };
  const metaType = meta(['og:type']), metaAvailability = meta(['product:availability', 'og:availability', 'availability']);
  if (metaType || metaAvailability) fact('meta', metaType || 'product', metaAvailability, word(meta(['og:title'])), word(meta(['product:price:amount', 'og:price:amount'])));

  const scripts = [...document.getElementsByTagName('script')].slice(0, 200).filter((script) => !script.type || /javascript|module/i.test(script.type)).length;
  return {
    title: clean((title(document) || '').slice(0, 1000)).slice(0, 300),
    lang: (root && attribute(root, 'lang')) || (document.querySelector('meta[http-equiv="content-language" i]') || { content: '' }).content || '',
    blocks, structured: facts, truncated: truncated || failed > 0, scripts, url: location.href.slice(0, 4096),
  };
})()
