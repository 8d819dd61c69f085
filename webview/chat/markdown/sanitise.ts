/**
 * The only file that turns HTML into elements. What comes in is written by our own renderers from
 * escaped text; this second wall lets through their tags and attributes and nothing else.
 */
import createPurifier from "dompurify";

const tags = [
  ..."p h1 h2 h3 h4 h5 h6 ul ol li blockquote hr br".split(" "),
  ..."em strong s code pre span div button".split(" "),
  ..."table thead tbody tr th td".split(" "),
];
const attributes = "class title start data-language data-address data-display type".split(" ");

export function sanitise(html: string): DocumentFragment {
  return createPurifier.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
