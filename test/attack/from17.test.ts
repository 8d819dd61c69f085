import { tryShort } from "./short";

tryShort(17, 24);
