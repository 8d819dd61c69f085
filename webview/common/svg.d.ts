/** The bundler hands an .svg over as its source text. */
declare module "*.svg" {
  const source: string;
  export default source;
}

declare module "*.css";
