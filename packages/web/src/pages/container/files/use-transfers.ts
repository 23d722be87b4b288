import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isFairleadError } from "@fairlead/protocol";
import { putArchive } from "../../../docker/container-archive.ts";
import { queryClient } from "../../../hub/client.ts";
import { count } from "../../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { containerKeyOf } from "../use-container.ts";
import { baseName } from "./paths.ts";
import { readFile, readFolder, saveBlob } from "./read-file.ts";
import { tarOf } from "./write-tar.ts";

/** What is being carried in or out; one at a time. */
export interface Transfer {
  readonly label: string;
  readonly bytes: number;
  /** Undefined: not known, as of a folder. */
  readonly totalBytes: number | undefined;
}

export interface Transfers {
  readonly current: Transfer | undefined;
  download(path: string, isFolder: boolean): void;
  upload(folder: string, files: readonly File[]): void;
  readonly cancel: () => void;
}

export function useTransfers(environmentId: number, id: string): Transfers {
  const [current, setCurrent] = useState<Transfer>();
  const running = useRef<AbortController>(undefined);
  const cancel = useCallback(() => running.current?.abort(), []);
  useEffect(() => cancel, [cancel]);

  const run = useCallback(async (transfer: Transfer, work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setCurrent(transfer);
    try {
      await work(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted && !isFairleadError(error, "cancelled")) notifyFailed(transfer.label, error);
    } finally {
      if (running.current === controller) {
        running.current = undefined;
        setCurrent(undefined);
      }
    }
  }, []);

  return useMemo(() => {
    const onProgress = (bytes: number): void => setCurrent((before) => before && { ...before, bytes });
    return {
      current,
      cancel,
      download(path, isFolder) {
        const name = baseName(path) || "root";
        void run({ label: `Downloading ${path}`, bytes: 0, totalBytes: undefined }, async (signal) => {
          const read = isFolder ? readFolder : readFile;
          saveBlob(await read(environmentId, id, path, signal, onProgress), isFolder ? `${name}.tar` : name);
        });
      },
      upload(folder, files) {
        const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
        void run(
          { label: `Uploading ${count(files.length, "file")} to ${folder}`, bytes: 0, totalBytes },
          async (signal) => {
            let done = 0;
            let written = 0;
            try {
              // One by one: so that it is known which arrived, and how far it is.
              for (const file of files) {
                const tar = tarOf([{ name: file.name, content: file, modifiedAt: file.lastModified }]);
                await putArchive(environmentId, id, folder, tar, signal);
                written += 1;
                done += file.size;
                onProgress(done);
              }
              notifyDone(`${count(files.length, "file")} written to ${folder}`);
            } catch (error) {
              if (written > 0)
                notifyDone(`${count(written, "file")} of ${files.length} written to ${folder} before it ended`);
              throw error;
            } finally {
              void queryClient.invalidateQueries({ queryKey: [...containerKeyOf(environmentId, id), "path"] });
            }
          },
        );
      },
    };
  }, [current, cancel, run, environmentId, id]);
}
