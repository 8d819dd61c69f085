import { tryShort } from "./short";

tryShort(9, 16);
