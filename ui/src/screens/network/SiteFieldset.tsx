import { Trans, useLingui } from "@lingui/react/macro";
import { Fieldset, Group, NativeSelect, Radio, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { Controller, type UseFormReturn } from "react-hook-form";
import { Notice } from "../../components/Notice";
import { CODE_CHARS_MAX, DATABASE_CHARS_MAX, NAME_CHARS_MAX, type SiteForm } from "./fields";
import { ShownCertificate } from "./ShownCertificate";

/** The fields of a site: what it is called, and how it is reached. */
export function SiteFieldset(props: {
  form: UseFormReturn<SiteForm>;
  isNew: boolean;
  mayChange: boolean;
}) {
  const { t } = useLingui();
  const { form, isNew, mayChange } = props;
  const { errors } = form.formState;
  const kind = form.watch("kind");
  return (
    <Fieldset variant="unstyled" disabled={!mayChange} aria-label={t`The site`}>
      <Stack>
        <SimpleGrid cols={2}>
          <TextInput
            label={t`Branch code`}
            description={t`As in the column MaCN of the database, such as Q1`}
            disabled={!isNew}
            maxLength={CODE_CHARS_MAX}
            error={errors.code && t`Up to 10 letters and digits without marks.`}
            data-autofocus={isNew || undefined}
            data-testid="network-code"
            {...form.register("code")}
          />
          <TextInput
            label={t`Name of the branch`}
            description={t`As people here call it`}
            maxLength={NAME_CHARS_MAX}
            error={errors.name && t`Type the name.`}
            data-autofocus={!isNew || undefined}
            data-testid="network-name"
            {...form.register("name")}
          />
        </SimpleGrid>
        <Controller
          control={form.control}
          name="kind"
          render={({ field }) => (
            <Radio.Group label={t`Where its data lies`} {...field} data-testid="network-kind">
              <Group mt={6}>
                <Radio value="sqlserver" label={t`Microsoft SQL Server`} />
                <Radio value="embedded" label={t`A file (for trying out, or a small library)`} />
              </Group>
            </Radio.Group>
          )}
        />
        {kind === "embedded" ? (
          <TextInput
            label={t`File`}
            description={t`From the folder of the network file, such as q1.db`}
            error={errors.path && t`Name the file.`}
            data-testid="network-file"
            {...form.register("path")}
          />
        ) : (
          <ServerFields form={form} />
        )}
      </Stack>
    </Fieldset>
  );
}

function ServerFields({ form }: { form: UseFormReturn<SiteForm> }) {
  const { t } = useLingui();
  const { errors } = form.formState;
  const [tls, signIn] = form.watch(["tls", "sign_in"]);
  const namesFile = tls === "ca" || tls === "pinned";
  return (
    <>
      <SimpleGrid cols={2}>
        <TextInput
          label={t`Address of the server`}
          description={String.raw`sql-q1.local · 192.168.1.20,1433 · TV-Q1\SQLEXPRESS`}
          error={
            errors.address &&
            t`Type a name or an IP address; behind a comma the port, or behind a backslash the instance.`
          }
          data-testid="network-address"
          {...form.register("address")}
        />
        <TextInput
          label={t`Database`}
          description={t`Its name there, such as Site_TV_Q1`}
          maxLength={DATABASE_CHARS_MAX}
          error={errors.database && t`Type the name of the database.`}
          data-testid="network-database"
          {...form.register("database")}
        />
        <NativeSelect
          label={t`Certificate of the server`}
          description={t`How desks know that it is the server`}
          data={[
            { value: "system", label: t`Trusted by this computer` },
            { value: "ca", label: t`Of our own authority (its file)` },
            { value: "pinned", label: t`Exactly the one in a file` },
            { value: "off", label: t`None: no encryption` },
          ]}
          data-testid="network-tls"
          {...form.register("tls")}
        />
        {namesFile && (
          <TextInput
            label={tls === "ca" ? t`File of the authority` : t`File of the certificate`}
            description={t`PEM or DER, from the folder of the network file`}
            error={errors.tls_file && t`Name the file.`}
            data-testid="network-tls-file"
            {...form.register("tls_file")}
          />
        )}
        <NativeSelect
          label={t`People sign in`}
          description={t`At desks of this branch`}
          data={[
            { value: "sql", label: t`With a login of SQL Server` },
            { value: "windows", label: t`With their Windows account` },
          ]}
          data-testid="network-sign-in"
          {...form.register("sign_in")}
        />
      </SimpleGrid>
      {tls === "pinned" && <ShownCertificate form={form} />}
      {tls === "off" && (
        <Notice kind="error" data-testid="network-plain-text">
          <Trans>
            Nothing on this line is encrypted: anyone on the network can read the passwords and the
            patrons' data. Choose this only for a line that is safe by other means.
          </Trans>
        </Notice>
      )}
      {signIn === "windows" && (
        <Notice kind="info" data-testid="network-windows">
          <Trans>
            Only desks with Windows can sign in so. People type DOMAIN\name and their Windows
            password.
          </Trans>
        </Notice>
      )}
    </>
  );
}
