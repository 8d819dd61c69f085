import { tryShort } from "./short";

tryShort(1, 8);
