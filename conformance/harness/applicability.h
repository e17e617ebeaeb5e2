/* To which entries a case applies. */
#ifndef WSPCHECK_APPLICABILITY_H
#define WSPCHECK_APPLICABILITY_H

#include "spi_case.h"
#include "text.h"

/* What the provider claims: to follow the pages of this dialect (WINDOWS unless said
 * otherwise), and to run on Windows 2000. */
void claim_dialect(enum dialect dialect);
void claim_windows_2000(void);

/* Whether the case applies to the entry; else what it lacks, in words. The version is
 * not looked at, since only WSPStartup can tell. */
bool applies_to(const struct applies *applies,
                const WSAPROTOCOL_INFOW *entry,
                struct text *why);

/* "connection-oriented, with XP1_DISCONNECT_DATA"; "every entry". */
void applies_describe(const struct applies *applies, struct text *out);

#endif
