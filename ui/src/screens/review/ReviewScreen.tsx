import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Card } from "../../components/Card";
import { DayField } from "../../components/DayField";
import { Confirm } from "../../components/Dialog";
import { Empty } from "../../components/Empty";
import { ErrorNotice } from "../../components/Notice";
import { copyName } from "../../components/names";
import { Screen } from "../../components/Screen";
import { useNow } from "../../components/useNow";
import { dayOf, formatMoment, parseDay } from "../../format";
import { useLanguage } from "../../i18n";
import type { Answer, DeedKind, ReviewLine, Settlement } from "../../platform/desk";
import { useDeed, useReview } from "../../queries";
import { SENSE } from "../../theme";
import { DeedName } from "../queue/DeedName";

const MINUTE_MS = 60_000;
/** What can be undone: the undo of an undo is scanning again. */
const UNDOABLE: readonly DeedKind[] = ["borrow", "return", "renew"];

/** What is odd about what was scanned, for someone to look at. */
export function ReviewScreen() {
  const review = useReview();
  const lines = review.data ?? [];
  return (
    <Screen
      title={<Trans>Review</Trans>}
      data-testid="review-screen"
      actions={
        <Text c="dimmed" data-testid="review-count" data-count={lines.length}>
          <Plural
            value={lines.length}
            _0="Nothing to look at"
            one="# thing to look at"
            other="# things to look at"
          />
        </Text>
      }
    >
      <ErrorNotice error={review.error} />
      {review.isPending && !review.error && <Loader mx="auto" />}
      {review.isSuccess && lines.length === 0 && (
        <Empty>
          <Trans>
            Nothing is odd. What was scanned while the site was away and breaks a rule, or does not
            fit together, appears here.
          </Trans>
        </Empty>
      )}
      {lines.map((line) => (
        <ReviewCard key={`${line.item.event} ${line.item.kind}`} line={line} />
      ))}
    </Screen>
  );
}

function ReviewCard({ line }: { line: ReviewLine }) {
  const { say } = useLanguage();
  const now = useNow(MINUTE_MS);
  const [undoes, setUndoes] = useState(false);
  const { copy, event: target, kind: flag, about, sent_by } = line.item;
  const settle = useDeed(
    (desk, settlement: Settlement) => desk.reviewSettle(copy, target, flag, settlement),
    "review",
    "queue",
  );
  const undo = useDeed((desk, _: null) => desk.reviewUndo(copy, target), "review", "queue");
  const { scanned_by, deed } = about;
  return (
    <Card data-testid="review-item" data-flag={flag}>
      <Stack gap="xs">
        <Text fw={600} size="lg">
          {say(line.message)}
        </Text>
        {line.rule && <Text>{say(line.rule)}</Text>}
        <Group gap="sm">
          <Badge variant="light" size="lg" tt="none">
            <DeedName deed={deed.kind} />
          </Badge>
          <Text>
            <b>{copyName(line.copy)}</b> · {copy}
            {deed.kind === "borrow" && ` · ${deed.patron}`}
          </Text>
        </Group>
        <Group justify="space-between" align="flex-end">
          <Text size="sm" c="dimmed">
            {formatMoment(new Date(about.at), now)} · <Trans>scanned by {scanned_by}</Trans>
            {sent_by && sent_by !== scanned_by && (
              <>
                {" · "}
                <Trans>sent by {sent_by}</Trans>
              </>
            )}
          </Text>
          <Group gap="sm" align="flex-end">
            {flag === "return_missed" && (
              <ReturnedOn
                busy={settle.isPending}
                onPick={(date) => settle.mutate({ kind: "returned_on", date })}
              />
            )}
            {UNDOABLE.includes(deed.kind) && (
              <Button variant="default" onClick={() => setUndoes(true)} data-testid="review-undo">
                <Trans>It never happened</Trans>
              </Button>
            )}
            <Button
              loading={settle.isPending}
              onClick={() => settle.mutate({ kind: "confirmed" })}
              data-testid="review-confirm"
            >
              <Trans>It is right so</Trans>
            </Button>
          </Group>
        </Group>
        <ErrorNotice error={settle.error} />
        <Refusal answer={settle.data ?? undo.data} />
      </Stack>
      {undoes && (
        <Confirm
          title={<Trans>Undo this scan?</Trans>}
          action={<Trans>Undo it</Trans>}
          danger
          busy={undo.isPending}
          error={undo.error}
          onConfirm={() => undo.mutate(null, { onSuccess: () => setUndoes(false) })}
          onClose={() => setUndoes(false)}
        >
          <Trans>
            The loans will be as if it had never been scanned. The scan itself stays on record.
          </Trans>
        </Confirm>
      )}
    </Card>
  );
}

function Refusal({ answer }: { answer: Answer | undefined }) {
  const { say } = useLanguage();
  if (answer?.kind !== "refused") {
    return null;
  }
  return answer.reasons.map((reason) => (
    <Text key={reason.code} c={SENSE.bad}>
      {say(reason)}
    </Text>
  ));
}

function ReturnedOn({ busy, onPick }: { busy: boolean; onPick: (day: string) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const pick = (event: FormEvent) => {
    event.preventDefault();
    const day = parseDay(text);
    if (day === null || day > dayOf(new Date())) {
      setWrong(true);
    } else {
      onPick(day);
    }
  };
  return (
    <form onSubmit={pick}>
      <Group gap="xs" align="flex-end">
        <DayField
          w={230}
          label={t`It came back on`}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setWrong(false);
          }}
          error={wrong && t`Such as 22/11/2026, not in the future.`}
          data-testid="review-day"
        />
        <Button type="submit" variant="default" loading={busy} data-testid="review-returned-on">
          <Trans>Enter this day</Trans>
        </Button>
      </Group>
    </form>
  );
}
