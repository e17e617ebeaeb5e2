#include "isotp_layout.h"
#include "isotp_reader.h"

#include <string.h>

#define DIFFERS(...) isotp_because(ISOTP_DIFFERENT, why, __VA_ARGS__)

static enum isotp_result match_kind(const struct isotp_tpdu *seen,
                                    const struct isotp_tpdu *expected,
                                    struct isotp_why *why)
{
    const struct isotp_layout *is = isotp_layout_of(seen->kind);
    const struct isotp_layout *should = isotp_layout_of(expected->kind);

    if (seen->kind == expected->kind)
        return ISOTP_OK;
    if (is->code == should->code)
        return DIFFERS("octet 1 of the %s: expected length indicator %u, observed %u",
                       is->name,
                       (unsigned)isotp_layout_li(should),
                       (unsigned)isotp_layout_li(is));
    return DIFFERS("octet 2 of the TPDU: expected code 0x%02X (%s), observed 0x%02X "
                   "(%s)",
                   should->code,
                   should->name,
                   is->code | seen->credit,
                   is->name);
}

/* The bits of a field that count. */
static unsigned mask_of(const struct isotp_field *field, unsigned any)
{
    if (field->any != ISOTP_ANY_NUMBER)
        return field->any & any ? 0 : 0xFFFF;
    return (any & ISOTP_ANY_NUMBER ? 0 : 0x7Fu) |
           (any & ISOTP_ANY_EOT ? 0 : (unsigned)ISOTP_EOT);
}

static enum isotp_result match_field(const struct isotp_tpdu *seen,
                                     const struct isotp_tpdu *expected,
                                     const struct isotp_field *field,
                                     unsigned octet,
                                     struct isotp_why *why)
{
    const char *name = isotp_kind_name(seen->kind);
    unsigned is = isotp_field_value(seen, field);
    unsigned should = isotp_field_value(expected, field);

    if (field->octets == 2)
        return DIFFERS("octets %u-%u of the %s: expected %s 0x%04X, observed 0x%04X",
                       octet,
                       octet + 1,
                       name,
                       field->name,
                       should,
                       is);
    return DIFFERS("octet %u of the %s: expected %s 0x%02X, observed 0x%02X",
                   octet,
                   name,
                   field->name,
                   should,
                   is);
}

static enum isotp_result match_fields(const struct isotp_tpdu *seen,
                                      const struct isotp_tpdu *expected,
                                      unsigned any,
                                      struct isotp_why *why)
{
    const struct isotp_layout *layout = isotp_layout_of(seen->kind);
    unsigned octet = 3;

    if (layout->has_credit && !(any & ISOTP_ANY_CREDIT) &&
        seen->credit != expected->credit)
        return DIFFERS("octet 2 of the %s: expected code 0x%02X, observed 0x%02X",
                       layout->name,
                       layout->code | expected->credit,
                       layout->code | seen->credit);
    for (int i = 0; layout->fields[i]; i++) {
        const struct isotp_field *field = layout->fields[i];
        unsigned is = isotp_field_value(seen, field);
        unsigned should = isotp_field_value(expected, field);

        if ((is ^ should) & mask_of(field, any))
            return match_field(seen, expected, field, octet, why);
        octet += (unsigned)field->octets;
    }
    return ISOTP_OK;
}

static enum isotp_result match_octets(const struct isotp_tpdu *seen,
                                      const char *what,
                                      unsigned first,
                                      const unsigned char *is,
                                      const unsigned char *should,
                                      size_t size,
                                      struct isotp_why *why)
{
    for (size_t i = 0; i < size; i++)
        if (is[i] != should[i])
            return DIFFERS("octet %u of the %s: expected octet %u of %s to be 0x%02X, "
                           "observed 0x%02X",
                           (unsigned)(first + i),
                           isotp_kind_name(seen->kind),
                           (unsigned)(i + 1),
                           what,
                           should[i],
                           is[i]);
    return ISOTP_OK;
}

static enum isotp_result match_parameter(const struct isotp_tpdu *seen,
                                         const struct isotp_parameter *should,
                                         struct isotp_why *why)
{
    const char *name = isotp_kind_name(seen->kind);
    unsigned first = (unsigned)isotp_layout_li(isotp_layout_of(seen->kind)) + 2;
    struct isotp_parameter is;

    if (!isotp_tpdu_parameter(seen, should->code, &is))
        return DIFFERS("the %s: expected parameter 0x%02X of %u octets, observed none",
                       name,
                       should->code,
                       should->size);
    first += (unsigned)is.offset;
    if (is.size != should->size)
        return DIFFERS("octet %u of the %s: expected length %u of parameter 0x%02X, "
                       "observed %u",
                       first + 1,
                       name,
                       should->size,
                       should->code,
                       is.size);
    return match_octets(
        seen, "the parameter", first + 2, is.value, should->value, is.size, why);
}

static enum isotp_result match_parameters(const struct isotp_tpdu *seen,
                                          const struct isotp_tpdu *expected,
                                          unsigned any,
                                          struct isotp_why *why)
{
    unsigned first = (unsigned)isotp_layout_li(isotp_layout_of(seen->kind)) + 2;
    struct isotp_parameter parameter, same;
    size_t at;

    for (at = 0; isotp_tpdu_parameter_at(expected, at, &parameter);
         at += 2u + parameter.size) {
        enum isotp_result result = match_parameter(seen, &parameter, why);

        if (result != ISOTP_OK)
            return result;
    }
    if (any & ISOTP_ANY_OTHER_PARAMETERS)
        return ISOTP_OK;
    for (at = 0; isotp_tpdu_parameter_at(seen, at, &parameter);
         at += 2u + parameter.size)
        if (!isotp_tpdu_parameter(expected, parameter.code, &same))
            return DIFFERS("octet %u of the %s: expected no parameter 0x%02X, "
                           "observed one of %u octets",
                           (unsigned)(first + at),
                           isotp_kind_name(seen->kind),
                           parameter.code,
                           parameter.size);
    return ISOTP_OK;
}

static enum isotp_result match_data(const struct isotp_tpdu *seen,
                                    const struct isotp_tpdu *expected,
                                    struct isotp_why *why)
{
    const struct isotp_layout *layout = isotp_layout_of(seen->kind);

    if (seen->data_size != expected->data_size)
        return DIFFERS("the %s: expected %u octets of user data, observed %u",
                       layout->name,
                       (unsigned)expected->data_size,
                       (unsigned)seen->data_size);
    return match_octets(seen,
                        "the user data",
                        (unsigned)(isotp_layout_li(layout) + seen->variable_size + 2),
                        seen->data,
                        expected->data,
                        seen->data_size,
                        why);
}

enum isotp_result isotp_match(const struct isotp_tpdu *seen,
                              const struct isotp_tpdu *expected,
                              unsigned any,
                              struct isotp_why *why)
{
    enum isotp_result result = match_kind(seen, expected, why);

    if (result == ISOTP_OK)
        result = match_fields(seen, expected, any, why);
    if (result == ISOTP_OK)
        result = match_parameters(seen, expected, any, why);
    if (result == ISOTP_OK && !(any & ISOTP_ANY_DATA))
        result = match_data(seen, expected, why);
    return result;
}
