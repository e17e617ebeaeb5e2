#include "isotp_octets.h"

#include "isotp_layout.h"

#include <string.h>

enum { LI_MAX = 255 };

bool isotp_tpdu_add_raw(struct isotp_tpdu *tpdu, const void *octets, size_t size)
{
    if (size > sizeof tpdu->variable - tpdu->variable_size)
        return false;
    if (size > 0)
        memcpy(tpdu->variable + tpdu->variable_size, octets, size);
    tpdu->variable_size += size;
    return true;
}

bool isotp_tpdu_add(struct isotp_tpdu *tpdu,
                    unsigned char code,
                    const void *value,
                    size_t size)
{
    unsigned char header[2] = {code, (unsigned char)size};

    if (sizeof header + size > sizeof tpdu->variable - tpdu->variable_size)
        return false;
    return isotp_tpdu_add_raw(tpdu, header, sizeof header) &&
           isotp_tpdu_add_raw(tpdu, value, size);
}

bool isotp_tpdu_parameter_at(const struct isotp_tpdu *tpdu,
                             size_t offset,
                             struct isotp_parameter *parameter)
{
    const unsigned char *at = tpdu->variable + offset;

    if (offset + 2 > tpdu->variable_size || offset + 2 + at[1] > tpdu->variable_size)
        return false;
    *parameter = (struct isotp_parameter){at[0], at[1], at + 2, offset};
    return true;
}

bool isotp_tpdu_parameter(const struct isotp_tpdu *tpdu,
                          unsigned char code,
                          struct isotp_parameter *parameter)
{
    size_t offset = 0;

    while (isotp_tpdu_parameter_at(tpdu, offset, parameter)) {
        if (parameter->code == code)
            return true;
        offset += 2u + parameter->size;
    }
    return false;
}

bool isotp_octets_add(struct isotp_octets *octets, const void *data, size_t size)
{
    if (size > sizeof octets->octets - octets->size)
        return false;
    if (size > 0)
        memcpy(octets->octets + octets->size, data, size);
    octets->size += size;
    return true;
}

/* -1: not a digit. */
static int digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit ? strchr(digits, digit) : NULL;

    return found ? (int)(found - digits) % 16 : -1;
}

bool isotp_octets_add_hex(struct isotp_octets *octets, const char *hex)
{
    size_t begin = octets->size;

    while (*hex) {
        int high, low;
        unsigned char octet;

        if (*hex == ' ') {
            hex++;
            continue;
        }
        high = digit_value(hex[0]);
        low = high < 0 ? -1 : digit_value(hex[1]);
        octet = (unsigned char)(high * 16 + low);
        if (low < 0 || !isotp_octets_add(octets, &octet, 1)) {
            octets->size = begin;
            return false;
        }
        hex += 2;
    }
    return true;
}

static unsigned chosen(struct isotp_forged forged, size_t right)
{
    return forged.on ? forged.value : (unsigned)right;
}

bool isotp_octets_add_tpdu(struct isotp_octets *octets, const struct isotp_tpdu *tpdu)
{
    const struct isotp_layout *layout = isotp_layout_of(tpdu->kind);
    size_t begin = octets->size;
    unsigned char header[16];
    size_t size = 0;
    size_t li;
    unsigned code;

    if (!layout)
        return false;
    li = isotp_layout_li(layout) + tpdu->variable_size;
    if (li > LI_MAX)
        return false;
    code = layout->code | (layout->has_credit ? tpdu->credit & 0x0Fu : 0);
    header[size++] = (unsigned char)chosen(tpdu->li, li);
    header[size++] = (unsigned char)chosen(tpdu->code, code);
    for (int i = 0; layout->fields[i]; i++) {
        uint16_t value = isotp_field_value(tpdu, layout->fields[i]);

        if (layout->fields[i]->octets == 2)
            header[size++] = (unsigned char)(value >> 8);
        header[size++] = (unsigned char)value;
    }
    if (isotp_octets_add(octets, header, size) &&
        isotp_octets_add(octets, tpdu->variable, tpdu->variable_size) &&
        isotp_octets_add(octets, tpdu->data, tpdu->data_size))
        return true;
    octets->size = begin;
    return false;
}

static void put_length(unsigned char *header, unsigned length)
{
    header[2] = (unsigned char)(length >> 8);
    header[3] = (unsigned char)length;
}

bool isotp_octets_add_tpkt(struct isotp_octets *octets, const struct isotp_tpdu *tpdu)
{
    size_t begin = octets->size;
    unsigned char header[ISOTP_TPKT_HEADER] = {
        (unsigned char)chosen(tpdu->version, 3),
        (unsigned char)chosen(tpdu->reserved, 0),
    };

    if (!isotp_octets_add(octets, header, sizeof header))
        return false;
    if (!isotp_octets_add_tpdu(octets, tpdu)) {
        octets->size = begin;
        return false;
    }
    put_length(octets->octets + begin, chosen(tpdu->length, octets->size - begin));
    return true;
}

bool isotp_octets_wrap(struct isotp_octets *octets)
{
    unsigned char *start = octets->octets;

    if (octets->size > sizeof octets->octets - ISOTP_TPKT_HEADER)
        return false;
    memmove(start + ISOTP_TPKT_HEADER, start, octets->size);
    octets->size += ISOTP_TPKT_HEADER;
    start[0] = 3;
    start[1] = 0;
    put_length(start, (unsigned)octets->size);
    return true;
}
