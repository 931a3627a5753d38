import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import { useLanguage } from "../../i18n";
import { type Message, messageOf, type SiteState } from "../../platform/desk";
import { useDeed } from "../../queries";

/** What every site asks of a password; a server's own policy may ask for more. */
const PASSWORD_CHARS_MIN = 8;
const PASSWORD_CHARS_MAX = 128;

const Fields = v.pipe(
  v.object({
    old: v.pipe(v.string(), v.nonEmpty()),
    // Letters count, as at the site.
    next: v.pipe(
      v.string(),
      v.check((text) => {
        const count = [...text].length;
        return count >= PASSWORD_CHARS_MIN && count <= PASSWORD_CHARS_MAX;
      }),
    ),
    again: v.string(),
  }),
  v.forward(
    v.partialCheck([["next"], ["again"]], ({ next, again }) => next === again),
    ["again"],
  ),
);

type Field = "old" | "next";

/** The field that a refusal is about; the rest of what can be said is about the whole. */
function fieldOf({ code }: Message): Field | null {
  if (code === "old_password_wrong") {
    return "old";
  }
  const ofNew = [
    "password_too_short",
    "password_too_long",
    "password_not_new",
    "password_against_policy",
  ];
  return ofNew.includes(code) ? "next" : null;
}

/** Gives whoever is signed in another password. Only the site can do that. */
export function PasswordDialog({ site, onClose }: { site: SiteState; onClose: () => void }) {
  const { t } = useLingui();
  const { say } = useLanguage();
  const change = useDeed((desk, ask: { old: string; next: string }) =>
    desk.passwordChange(ask.old, ask.next),
  );
  const form = useForm({
    resolver: valibotResolver(Fields),
    defaultValues: { old: "", next: "", again: "" },
  });
  const { errors } = form.formState;
  const refused = change.error ? messageOf(change.error) : null;
  const about = refused && fieldOf(refused);
  const submit = form.handleSubmit((ask) =>
    change.mutate(ask, {
      onError: (thrown) => form.setFocus(fieldOf(messageOf(thrown)) ?? "old"),
    }),
  );
  const said = (field: Field) => (about === field && refused ? say(refused) : null);
  if (change.isSuccess) {
    return (
      <Dialog title={<Trans>Change the password</Trans>} onClose={onClose} size="md">
        <Stack data-testid="password-changed">
          <Notice kind="info">
            <Trans>
              The password is changed. At other desks, sign in with the new one once while the site
              can be reached.
            </Trans>
          </Notice>
          <Group justify="flex-end">
            <Button onClick={onClose} autoFocus>
              <Trans>Close</Trans>
            </Button>
          </Group>
        </Stack>
      </Dialog>
    );
  }
  const eye = { "aria-label": t`Show the password` };
  return (
    <Dialog
      title={<Trans>Change the password</Trans>}
      onClose={onClose}
      size="md"
      data-testid="password-form"
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          {site.state === "unreachable" && (
            <Notice kind="attention" data-testid="password-needs-site">
              <Trans>
                The site cannot be reached, and only it can change a password. Try again when the
                line is back.
              </Trans>
            </Notice>
          )}
          <PasswordInput
            label={t`Old password`}
            autoComplete="current-password"
            visibilityToggleButtonProps={eye}
            error={(errors.old && t`Type your password.`) || said("old")}
            data-autofocus
            data-testid="password-old"
            {...form.register("old")}
          />
          <PasswordInput
            label={t`New password`}
            description={t`8 characters or more; the server may ask for capitals, digits and signs`}
            autoComplete="new-password"
            visibilityToggleButtonProps={eye}
            error={(errors.next && t`Use 8 to 128 characters.`) || said("next")}
            data-testid="password-new"
            {...form.register("next")}
          />
          <PasswordInput
            label={t`New password again`}
            autoComplete="new-password"
            visibilityToggleButtonProps={eye}
            error={errors.again && t`It is not the same.`}
            data-testid="password-again"
            {...form.register("again")}
          />
          {about === null && <ErrorNotice error={change.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={change.isPending} data-testid="password-save">
              <Trans>Change the password</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
