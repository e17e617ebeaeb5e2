#include "isotp_layout.h"

#include "isotp_reader.h"

#include <string.h>

enum { NO_LIMIT = ISOTP_TPKT_MAX, EXPEDITED_MAX = 16 };

#define FIELD(constant, text, size, which, open) \
    static const struct isotp_field constant = { \
        text, size, offsetof(struct isotp_tpdu, which), open}

FIELD(destination, "destination reference", 2, destination, ISOTP_ANY_DESTINATION);
FIELD(source, "source reference", 2, source, ISOTP_ANY_SOURCE);
FIELD(class_option, "class and option", 1, class_option, ISOTP_ANY_CLASS);
FIELD(reason, "reason", 1, reason, ISOTP_ANY_REASON);
FIELD(cause, "reject cause", 1, reason, ISOTP_ANY_REASON);
FIELD(number, "EOT and number", 1, number, ISOTP_ANY_NUMBER);
FIELD(awaited, "awaited number", 1, number, ISOTP_ANY_NUMBER);

static const struct isotp_layout layouts[] = {
    [ISOTP_CR] = {"CR",
                  0xE0,
                  true,
                  true,
                  {&destination, &source, &class_option},
                  0,
                  ISOTP_CONNECT_DATA_MAX},
    [ISOTP_CC] = {"CC",
                  0xD0,
                  true,
                  true,
                  {&destination, &source, &class_option},
                  0,
                  ISOTP_CONNECT_DATA_MAX},
    [ISOTP_DR] = {"DR",
                  0x80,
                  false,
                  true,
                  {&destination, &source, &reason},
                  0,
                  ISOTP_DISCONNECT_DATA_MAX},
    [ISOTP_DC] = {"DC", 0xC0, false, false, {&destination, &source}, 0, 0},
    [ISOTP_DT] = {"DT", 0xF0, false, false, {&destination, &number}, 0, NO_LIMIT},
    [ISOTP_DT_CLASS_0] = {"DT", 0xF0, false, false, {&number}, 0, NO_LIMIT},
    [ISOTP_ED] = {"ED", 0x10, false, false, {&destination, &number}, 1, EXPEDITED_MAX},
    [ISOTP_ED_CLASS_0] = {"ED", 0x10, false, false, {&number}, 1, EXPEDITED_MAX},
    [ISOTP_AK] = {"AK", 0x60, true, false, {&destination, &awaited}, 0, 0},
    [ISOTP_EA] = {"EA", 0x20, false, false, {&destination, &awaited}, 0, 0},
    [ISOTP_ER] = {"ER", 0x70, false, true, {&destination, &cause}, 0, 0},
};

const struct isotp_layout *isotp_layout_of(enum isotp_kind kind)
{
    if (kind <= ISOTP_NO_TPDU || kind > ISOTP_ER)
        return NULL;
    return &layouts[kind];
}

enum isotp_kind isotp_kind_of(unsigned char code, unsigned char li)
{
    enum isotp_kind kind;

    for (kind = ISOTP_CR; kind <= ISOTP_ER; kind++)
        if (layouts[kind].code == (code & 0xF0))
            break;
    if (kind > ISOTP_ER)
        return ISOTP_NO_TPDU;
    /* Class 0 needs no reference in DT and ED, which only their length tells. */
    if (kind == ISOTP_DT && li == isotp_layout_li(&layouts[ISOTP_DT_CLASS_0]))
        return ISOTP_DT_CLASS_0;
    if (kind == ISOTP_ED && li == isotp_layout_li(&layouts[ISOTP_ED_CLASS_0]))
        return ISOTP_ED_CLASS_0;
    return kind;
}

size_t isotp_layout_li(const struct isotp_layout *layout)
{
    size_t size = 1;

    for (int i = 0; layout->fields[i]; i++)
        size += layout->fields[i]->octets;
    return size;
}

uint16_t isotp_field_value(const struct isotp_tpdu *tpdu,
                           const struct isotp_field *field)
{
    uint16_t value;

    memcpy(&value, (const char *)tpdu + field->member, sizeof value);
    return value;
}

void isotp_field_set(struct isotp_tpdu *tpdu,
                     const struct isotp_field *field,
                     uint16_t value)
{
    memcpy((char *)tpdu + field->member, &value, sizeof value);
}

const char *isotp_kind_name(enum isotp_kind kind)
{
    const struct isotp_layout *layout = isotp_layout_of(kind);

    return layout ? layout->name : "unknown TPDU";
}
