import { TransientError } from "../base/errors.ts";
import type { IndexStore } from "./index-store.ts";

/**
 * The index as one pass uses it: a record is saved only over the one that this pass has read.
 *
 * `saveIncident` throws `TransientError` if another pass has saved a record in the meantime. The copy in the index is then
 * the newer one, and the next pass restores the status comment from it.
 */
export function fenceIndex(index: IndexStore): IndexStore {
  const revisions = new Map<string, number>();
  const idOf = (repositoryId: number, number: number) => `${repositoryId}#${number}`;
  const fenced: Pick<IndexStore, "incident" | "saveIncident"> = {
    async incident(repositoryId, number) {
      const known = await index.incident(repositoryId, number);
      revisions.set(idOf(repositoryId, number), known?.recordRevision ?? 0);
      return known;
    },
    async saveIncident(repositoryId, number, fields) {
      const { recordRevision } = fields;
      if (recordRevision === undefined) return await index.saveIncident(repositoryId, number, fields);
      const over = revisions.get(idOf(repositoryId, number));
      if (over === undefined) throw new Error("a record was saved by a pass that has not read the incident");
      if (!(await index.saveRecord(repositoryId, number, over, { ...fields, recordRevision }))) {
        throw new TransientError("another pass has saved the record of this incident meanwhile");
      }
      revisions.set(idOf(repositoryId, number), recordRevision);
    },
  };
  return new Proxy(index, {
    get(target, name) {
      if (name in fenced) return fenced[name as keyof typeof fenced];
      const method: unknown = Reflect.get(target, name, target);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}
