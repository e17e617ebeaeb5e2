#include "isotp_reader.h"

#include "isotp_layout.h"

#include <string.h>

#define DIFFERS(...) isotp_because(ISOTP_DIFFERENT, why, __VA_ARGS__)

/* Shortest TPKT and longest CR that the standards allow. */
enum { TPKT_MIN = 7, CR_MAX = 128, LI_MAX = 254 };

#define BIT(kind) (1u << (kind))

struct rule {
    unsigned char code;
    unsigned kinds; /* BIT of each kind that may carry it */
    bool not_class_0;
    size_t size_min, size_max;
    unsigned value_min, value_max; /* of the only octet, where size_max is 1 */
};

enum { CR = BIT(ISOTP_CR), CC = BIT(ISOTP_CC), DR = BIT(ISOTP_DR), ER = BIT(ISOTP_ER) };

static const struct rule rules[] = {
    {ISOTP_TPDU_SIZE, CR | CC, false, 1, 1, 0x07, 0x10},
    {ISOTP_CALLING_TSEL, CR | CC, false, 1, 32, 0, 0},
    {ISOTP_CALLED_TSEL, CR | CC, false, 1, 32, 0, 0},
    {ISOTP_VERSION, CR | CC, true, 1, 1, 1, 1},
    {ISOTP_PROTECTION, CR | CC, true, 0, 252, 0, 0},
    {ISOTP_OPTIONS, CR | CC, false, 1, 1, 0, 0xFF},
    {ISOTP_ALTERNATIVE_CLASSES, CR, true, 1, 5, 0, 0},
    {ISOTP_PREFERRED_SIZE, CR | CC, false, 1, 4, 0, 0},
    {0x85, CR | CC, true, 2, 2, 0, 0},   /* acknowledge time */
    {0x86, CR | CC, true, 3, 3, 0, 0},   /* residual error rate */
    {0x87, CR | CC, true, 2, 2, 0, 0},   /* priority */
    {0x88, CR | CC, true, 8, 8, 0, 0},   /* transit delay */
    {0x89, CR | CC, true, 12, 24, 0, 0}, /* throughput */
    {0x8B, CR | CC, true, 2, 2, 0, 0},   /* reassignment time */
    {0xF2, CR | CC, true, 4, 4, 0, 0},   /* inactivity timer */
    {ISOTP_ADDITIONAL_INFORMATION, DR, false, 0, 252, 0, 0},
    {ISOTP_REJECTED_TPDU, ER, false, 1, 252, 0, 0},
};

static const struct rule *rule_of(enum isotp_kind kind, unsigned char code)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == code && (rules[i].kinds & BIT(kind)))
            return &rules[i];
    return NULL;
}

/* The number, counted from 1, of the octet `offset` in the TPDU's variable part. */
static unsigned variable_octet(const struct isotp_tpdu *tpdu, size_t offset)
{
    const struct isotp_layout *layout = isotp_layout_of(tpdu->kind);

    return (unsigned)(isotp_layout_li(layout) + 2 + offset);
}

static enum isotp_result read_parameter(const struct isotp_tpdu *seen,
                                        const struct isotp_parameter *parameter,
                                        struct isotp_why *why)
{
    const char *name = isotp_kind_name(seen->kind);
    const struct rule *rule = rule_of(seen->kind, parameter->code);
    unsigned octet = variable_octet(seen, parameter->offset);
    struct isotp_parameter first;

    if (!rule)
        return DIFFERS("octet %u of the %s: expected the code of a parameter that it "
                       "can have, observed 0x%02X",
                       octet,
                       name,
                       parameter->code);
    if (rule->not_class_0 && seen->class_option >> 4 == 0)
        return DIFFERS("octet %u of the %s: expected no parameter 0x%02X in class 0, "
                       "observed it",
                       octet,
                       name,
                       parameter->code);
    isotp_tpdu_parameter(seen, parameter->code, &first);
    if (first.offset != parameter->offset)
        return DIFFERS("octet %u of the %s: expected parameter 0x%02X once, observed "
                       "it twice",
                       octet,
                       name,
                       parameter->code);
    if (parameter->size < rule->size_min || parameter->size > rule->size_max)
        return DIFFERS("octet %u of the %s: expected a length of %u to %u for "
                       "parameter 0x%02X, observed %u",
                       octet + 1,
                       name,
                       (unsigned)rule->size_min,
                       (unsigned)rule->size_max,
                       parameter->code,
                       parameter->size);
    if (rule->size_max == 1 && (parameter->value[0] < rule->value_min ||
                                parameter->value[0] > rule->value_max))
        return DIFFERS("octet %u of the %s: expected a value of 0x%02X to 0x%02X for "
                       "parameter 0x%02X, observed 0x%02X",
                       octet + 2,
                       name,
                       rule->value_min,
                       rule->value_max,
                       parameter->code,
                       parameter->value[0]);
    return ISOTP_OK;
}

static enum isotp_result read_variable(const struct isotp_tpdu *seen,
                                       struct isotp_why *why)
{
    struct isotp_parameter parameter;
    size_t offset = 0;

    while (isotp_tpdu_parameter_at(seen, offset, &parameter)) {
        enum isotp_result result = read_parameter(seen, &parameter, why);

        if (result != ISOTP_OK)
            return result;
        offset += 2u + parameter.size;
    }
    if (offset == seen->variable_size)
        return ISOTP_OK;
    if (offset + 1 == seen->variable_size)
        return DIFFERS("octet %u of the %s: expected the length of parameter 0x%02X, "
                       "observed the end of the header",
                       variable_octet(seen, offset + 1),
                       isotp_kind_name(seen->kind),
                       seen->variable[offset]);
    return DIFFERS("octet %u of the %s: expected a length of at most %u for parameter "
                   "0x%02X, observed %u",
                   variable_octet(seen, offset + 1),
                   isotp_kind_name(seen->kind),
                   (unsigned)(seen->variable_size - offset - 2),
                   seen->variable[offset],
                   seen->variable[offset + 1]);
}

static enum isotp_result read_connection_request(const struct isotp_tpdu *seen,
                                                 struct isotp_why *why)
{
    size_t size = 7 + seen->variable_size + seen->data_size;

    if (seen->destination != 0)
        return DIFFERS("octets 3-4 of the CR: expected destination reference 0x0000, "
                       "observed 0x%04X",
                       seen->destination);
    if (size > CR_MAX)
        return DIFFERS("the CR has %u octets, at most %u are allowed",
                       (unsigned)size,
                       (unsigned)CR_MAX);
    return ISOTP_OK;
}

static bool reason_defined(unsigned reason)
{
    return reason <= 3 ||
           (reason >= 128 && reason <= 138 && reason != 134 && reason != 137);
}

/* What the values of one kind must be, whatever the connection. */
static enum isotp_result read_values(const struct isotp_tpdu *seen,
                                     struct isotp_why *why)
{
    const char *name = isotp_kind_name(seen->kind);

    switch (seen->kind) {
    case ISOTP_CR:
    case ISOTP_CC:
        if (seen->source == 0)
            return DIFFERS("octets 5-6 of the %s: expected a source reference, "
                           "observed 0x0000",
                           name);
        if (seen->class_option >> 4 > 4 || (seen->class_option & 0x0C) != 0)
            return DIFFERS("octet 7 of the %s: expected a class of 0 to 4 and no "
                           "undefined option, observed 0x%02X",
                           name,
                           seen->class_option);
        if (seen->class_option >> 4 == 0 && seen->credit != 0)
            return DIFFERS("octet 2 of the %s: expected no credit in class 0, "
                           "observed %u",
                           name,
                           seen->credit);
        return seen->kind == ISOTP_CR ? read_connection_request(seen, why) : ISOTP_OK;
    case ISOTP_DR:
        if (!reason_defined(seen->reason))
            return DIFFERS("octet 7 of the DR: expected a defined reason, observed "
                           "0x%02X",
                           seen->reason);
        return ISOTP_OK;
    case ISOTP_ER:
        if (seen->reason > 3)
            return DIFFERS("octet 5 of the ER: expected a cause of 0 to 3, observed "
                           "%u",
                           seen->reason);
        return ISOTP_OK;
    case ISOTP_ED:
    case ISOTP_ED_CLASS_0:
        if (!(seen->number & ISOTP_EOT))
            return DIFFERS("octet %u of the ED: expected EOT, observed 0x%02X",
                           seen->kind == ISOTP_ED ? 5u : 3u,
                           seen->number);
        return ISOTP_OK;
    default:
        /* Any value of any other kind may be right. */
        return ISOTP_OK;
    }
}

enum isotp_result
isotp_read_header(const unsigned char *header, size_t *length, struct isotp_why *why)
{
    size_t announced = (size_t)header[2] << 8 | header[3];

    if (header[0] != 3)
        return DIFFERS("octet 1 of the TPKT: expected version 0x03, observed 0x%02X",
                       header[0]);
    if (header[1] != 0)
        return DIFFERS("octet 2 of the TPKT: expected 0x00, observed 0x%02X",
                       header[1]);
    if (announced < TPKT_MIN)
        return DIFFERS("octets 3-4 of the TPKT: expected a length of at least %u, "
                       "observed %u",
                       (unsigned)TPKT_MIN,
                       (unsigned)announced);
    *length = announced;
    return ISOTP_OK;
}

/* Length indicator and code octet; `size` is that of the TPDU. */
static enum isotp_result read_start(const unsigned char *tpdu,
                                    size_t size,
                                    struct isotp_tpdu *seen,
                                    struct isotp_why *why)
{
    const struct isotp_layout *layout;
    size_t li = tpdu[0];
    size_t least;

    seen->kind = isotp_kind_of(tpdu[1], tpdu[0]);
    layout = isotp_layout_of(seen->kind);
    if (!layout)
        return DIFFERS("octet 2 of the TPDU: expected a code of class 0 or 2, "
                       "observed 0x%02X",
                       tpdu[1]);
    if (!layout->has_credit && tpdu[1] != layout->code)
        return DIFFERS("octet 2 of the %s: expected code 0x%02X, observed 0x%02X",
                       layout->name,
                       layout->code,
                       tpdu[1]);
    seen->credit = tpdu[1] & 0x0F;
    least = isotp_layout_li(layout);
    if (li < least || (li > least && !layout->has_variable))
        return DIFFERS("octet 1 of the %s: expected a length indicator of %s%u, "
                       "observed %u",
                       layout->name,
                       layout->has_variable ? "at least " : "",
                       (unsigned)least,
                       (unsigned)li);
    if (li > size - 1 || li > LI_MAX)
        return DIFFERS("octet 1 of the %s: expected a length indicator of at most %u, "
                       "observed %u",
                       layout->name,
                       (unsigned)(size - 1 < LI_MAX ? size - 1 : LI_MAX),
                       (unsigned)li);
    return ISOTP_OK;
}

static void take_fields(const unsigned char *at, struct isotp_tpdu *seen)
{
    const struct isotp_layout *layout = isotp_layout_of(seen->kind);

    for (int i = 0; layout->fields[i]; i++) {
        unsigned value = *at++;

        if (layout->fields[i]->octets == 2)
            value = value << 8 | *at++;
        isotp_field_set(seen, layout->fields[i], (uint16_t)value);
    }
}

static enum isotp_result read_data(const struct isotp_tpdu *seen, struct isotp_why *why)
{
    const struct isotp_layout *layout = isotp_layout_of(seen->kind);

    if (seen->data_size >= layout->data_min && seen->data_size <= layout->data_max)
        return ISOTP_OK;
    return DIFFERS("the %s carries %u octets of user data, %u to %u are allowed",
                   layout->name,
                   (unsigned)seen->data_size,
                   (unsigned)layout->data_min,
                   (unsigned)layout->data_max);
}

enum isotp_result isotp_read(const unsigned char *packet,
                             size_t size,
                             struct isotp_tpdu *seen,
                             struct isotp_why *why)
{
    const unsigned char *tpdu = packet + ISOTP_TPKT_HEADER;
    enum isotp_result result;
    size_t length, fixed;

    memset(seen, 0, sizeof *seen);
    if (size < TPKT_MIN)
        return DIFFERS("expected a TPKT of at least %u octets, observed %u",
                       (unsigned)TPKT_MIN,
                       (unsigned)size);
    result = isotp_read_header(packet, &length, why);
    if (result != ISOTP_OK)
        return result;
    if (length != size)
        return DIFFERS("octets 3-4 of the TPKT: expected length %u, observed %u",
                       (unsigned)size,
                       (unsigned)length);
    size -= ISOTP_TPKT_HEADER;
    result = read_start(tpdu, size, seen, why);
    if (result != ISOTP_OK)
        return result;
    fixed = 1 + isotp_layout_li(isotp_layout_of(seen->kind));
    take_fields(tpdu + 2, seen);
    isotp_tpdu_add_raw(seen, tpdu + fixed, 1u + tpdu[0] - fixed);
    seen->data = tpdu + 1 + tpdu[0];
    seen->data_size = size - 1 - tpdu[0];
    result = read_variable(seen, why);
    if (result == ISOTP_OK)
        result = read_values(seen, why);
    if (result == ISOTP_OK)
        result = read_data(seen, why);
    return result;
}
