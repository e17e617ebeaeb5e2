/* What the octets of each TPDU mean: one table, by which they are written and read. */
#ifndef WSPCHECK_ISOTP_LAYOUT_H
#define WSPCHECK_ISOTP_LAYOUT_H

#include "isotp_octets.h"

struct isotp_field {
    const char *name;
    size_t octets; /* 1 or 2 */
    size_t member; /* offset of the uint16_t in struct isotp_tpdu */
    unsigned any;  /* the enum isotp_any bit that leaves it open */
};

struct isotp_layout {
    const char *name;
    unsigned char code;
    bool has_credit;
    bool has_variable;
    /* Of the fixed part, in order; NULL behind the last. */
    const struct isotp_field *fields[4];
    size_t data_min;
    size_t data_max;
};

/* NULL: no such kind. */
const struct isotp_layout *isotp_layout_of(enum isotp_kind kind);
/* The kind of a TPDU with this code octet and length indicator. */
enum isotp_kind isotp_kind_of(unsigned char code, unsigned char li);
/* Octets of code and fixed part: the least length indicator. */
size_t isotp_layout_li(const struct isotp_layout *layout);

uint16_t isotp_field_value(const struct isotp_tpdu *tpdu,
                           const struct isotp_field *field);
void isotp_field_set(struct isotp_tpdu *tpdu,
                     const struct isotp_field *field,
                     uint16_t value);

#endif
