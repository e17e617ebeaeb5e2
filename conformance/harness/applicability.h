/* To which entries a case applies. */
#ifndef WSPCHECK_APPLICABILITY_H
#define WSPCHECK_APPLICABILITY_H

#include "spi_case.h"
#include "text.h"

/* Whether the case applies to the entry; else what it lacks, in words. The version is
 * not looked at, since only WSPStartup can tell. */
bool applies_to(const struct applies *applies,
                const WSAPROTOCOL_INFOW *entry,
                struct text *why);

/* "connection-oriented, with XP1_DISCONNECT_DATA"; "every entry". */
void applies_describe(const struct applies *applies, struct text *out);

#endif
