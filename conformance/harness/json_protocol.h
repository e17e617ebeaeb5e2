/* What Winsock's structures hold, as JSON. */
#ifndef WSPCHECK_JSON_PROTOCOL_H
#define WSPCHECK_JSON_PROTOCOL_H

#include "json.h"
#include "win.h"

/* Wide text as UTF-8; what exceeds 2,000 bytes is left out as a whole. */
void json_wide(struct text *out, const char *key, const wchar_t *wide);

/* The members `family`, `type`, `protocol`, `flags`, `message_size`, `min_addr`,
 * `max_addr`, `catalog_id`, `guid` and `name`. */
void json_protocol(struct text *out, const WSAPROTOCOL_INFOW *info);

#endif
