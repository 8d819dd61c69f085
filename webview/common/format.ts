export * from "../../src/shared/units";
