import { noTelemetry } from "../../shared/noTelemetry";

/**
 * What of the host's environment the engine gets to see: enough to find its libraries and the
 * graphics driver, and nothing that a malicious model could use, such as accounts' tokens.
 * A person's ORT_* stay out because they would let a model file choose session options.
 */
const allowedNames = new Set([
  ..."PATH HOME USER USERPROFILE LOCALAPPDATA APPDATA TMPDIR TEMP TMP LANG TZ".split(" "),
  ..."SYSTEMROOT WINDIR SYSTEMDRIVE PROGRAMDATA PROGRAMFILES COMSPEC PATHEXT".split(" "),
  ..."NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE".split(" "),
  ..."XDG_RUNTIME_DIR XDG_CACHE_HOME XDG_DATA_DIRS XDG_CONFIG_HOME".split(" "),
  ..."DISPLAY WAYLAND_DISPLAY LD_LIBRARY_PATH CUDA_PATH CUDA_VISIBLE_DEVICES".split(" "),
]);
const allowedPrefixes = ["LC_", "VK_", "MESA_", "__GL_", "__EGL_", "__VK_", "NVIDIA_", "DRI_"];

/** The environment that the engine gets, out of the host's. */
export function engineEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const allowed = Object.entries(from).filter(([name]) => {
    const upper = name.toUpperCase();
    return allowedNames.has(upper) || allowedPrefixes.some((prefix) => upper.startsWith(prefix));
  });
  return { ...Object.fromEntries(allowed), ELECTRON_RUN_AS_NODE: "1", ...noTelemetry };
}

/** Of the variable that .vscode/launch.json sets: a port of this machine for the engine's debugger. */
export const debugPortName = "RKV_LENS_DEBUG_PORT";

/** Undefined wherever nobody debugs: nothing else opens an engine. */
export function debugPort(from: NodeJS.ProcessEnv): number | undefined {
  return Number(from[debugPortName]) || undefined;
}
