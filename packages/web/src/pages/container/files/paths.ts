/** Paths of a container's file system: absolute, without a slash at the end but for the root. */

export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

export function parentPath(path: string): string {
  return normalPath(`${path}/..`);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folders from the root to a path, itself included. */
export function pathSteps(path: string): readonly { readonly name: string; readonly path: string }[] {
  const parts = normalPath(path)
    .split("/")
    .filter((part) => part !== "");
  return [
    { name: "/", path: "/" },
    ...parts.map((name, index) => ({ name, path: `/${parts.slice(0, index + 1).join("/")}` })),
  ];
}
