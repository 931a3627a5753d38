import { Trans } from "@lingui/react/macro";
import { Notice } from "../../components/Notice";
import { useBranches } from "../../components/useBranches";
import { useLanguage } from "../../i18n";
import type {
  ForcedView,
  Forgotten,
  RepairedView,
  SettledView,
  ToldView,
} from "../../platform/desk";

/** How far a transaction was driven. */
export function SettledNotice({ settled }: { settled: SettledView }) {
  const { nameOf } = useBranches();
  const { say } = useLanguage();
  const untold = settled.untold.map(nameOf).join(", ");
  return (
    <Notice
      kind={settled.decision ? "info" : "attention"}
      data-testid={`settled-${settled.decision ?? "in-doubt"}`}
    >
      {settled.decision === "commit" && <Trans>It is decided: done.</Trans>}
      {settled.decision === "abort" && <Trans>It is decided: given up.</Trans>}
      {settled.decision === null && (
        <Trans>It is still in doubt: the site that decides cannot be asked.</Trans>
      )}
      {untold !== "" && (
        <div>
          <Trans>To be told when they can be reached: {untold}</Trans>
        </div>
      )}
      {settled.failed.map(({ branch, message }) => (
        <div key={branch}>
          <b>{nameOf(branch)}</b>: {say(message)}
        </div>
      ))}
    </Notice>
  );
}

/** What became of a choice. */
export function ForcedNotice({ forced }: { forced: ForcedView }) {
  if (forced.not_needed) {
    return <SettledNotice settled={forced.not_needed} />;
  }
  return (
    <Notice kind="attention" data-testid="forced">
      <Trans>Forced, and recorded. The list shows what each site has done.</Trans>
      <Told sites={forced.sites} />
    </Notice>
  );
}

/** What is not spoken of any more. */
export function ForgottenNotice({ forgotten }: { forgotten: Forgotten }) {
  return (
    <Notice kind="info" data-testid="forgotten">
      <Trans>It is not listed any more.</Trans>
      <Told sites={forgotten.sites} />
    </Notice>
  );
}

/** What became of a repair. */
export function RepairedNotice({ repaired }: { repaired: RepairedView }) {
  const { nameOf } = useBranches();
  const { say } = useLanguage();
  return (
    <Notice kind={repaired.repaired ? "info" : "error"} data-testid="repaired">
      {repaired.repaired ? (
        <Trans>All sites are alike again.</Trans>
      ) : (
        <Trans>It could not be repaired yet.</Trans>
      )}
      {repaired.hindered.map(({ branch, key }) => (
        <div key={`${branch} ${key}`}>
          <b>{nameOf(branch)}</b>: {key}
        </div>
      ))}
      {repaired.failed.map(({ branch, message }) => (
        <div key={branch}>
          <b>{nameOf(branch)}</b>: {say(message)}
        </div>
      ))}
    </Notice>
  );
}

/** Sites that did not take what they were told. */
function Told({ sites }: { sites: readonly ToldView[] }) {
  const { nameOf } = useBranches();
  const { say } = useLanguage();
  return sites
    .filter(({ done }) => !done)
    .map(({ branch, message }) => (
      <div key={branch}>
        <b>{nameOf(branch)}</b>: {message && say(message)}
      </div>
    ));
}
