/* The variable part of a TPDU: parameters, each a code, a length and a value. */
#include "tpdu_shape.h"

enum {
    PARAMETER_ACKNOWLEDGE_TIME = 0x85, /* first of the qualities of service */
    PARAMETER_REASSIGNMENT_TIME = 0x8B,
    PARAMETER_SIZE = 0xC0,
    PARAMETER_CALLING = 0xC1,
    PARAMETER_INVALID_TPDU = 0xC1, /* the same code in an ER */
    PARAMETER_CALLED = 0xC2,
    PARAMETER_CHECKSUM = 0xC3,
    PARAMETER_VERSION = 0xC4,
    PARAMETER_PROTECTION = 0xC5,
    PARAMETER_ADDITIONAL_OPTIONS = 0xC6,
    PARAMETER_ALTERNATIVES = 0xC7,
    PARAMETER_INFORMATION = 0xE0,
    PARAMETER_PREFERRED = 0xF0,
    PARAMETER_INACTIVITY_TIME = 0xF2,
};

/* Sizes are announced as powers of two, and one more that RFC 1006 needs. */
enum {
    SIZE_CODE_MIN = 7,     /* 128 */
    SIZE_CODE_MAX = 15,    /* 32768 */
    SIZE_CODE_LARGEST = 16 /* TPDU_SIZE_MAX, which is no power of two */
};

static enum tpdu_error decode_selector(struct octets value, struct octets *selector)
{
    if (value.length > TPDU_SELECTOR_MAX)
        return TPDU_PARAMETER_LENGTH;
    *selector = value;
    return TPDU_OK;
}

static enum tpdu_error decode_size(struct octets value, uint32_t *size)
{
    if (value.length != 1)
        return TPDU_PARAMETER_LENGTH;
    /* Checked before it becomes the width of a shift. */
    if (value.at[0] < SIZE_CODE_MIN || value.at[0] > SIZE_CODE_LARGEST)
        return TPDU_PARAMETER_VALUE;
    *size = value.at[0] == SIZE_CODE_LARGEST ? TPDU_SIZE_MAX : 1u << value.at[0];
    return TPDU_OK;
}

static enum tpdu_error decode_preferred(struct octets value, uint32_t *preferred)
{
    struct octet_reader reader = {.left = value};
    uint32_t units;

    if (value.length < 1 || value.length > 4)
        return TPDU_PARAMETER_LENGTH;
    units = read_number(&reader, value.length);
    if (units == 0)
        return TPDU_PARAMETER_VALUE;
    if (units > TPDU_PREFERRED_MAX / TPDU_PREFERRED_UNIT)
        units = TPDU_PREFERRED_MAX / TPDU_PREFERRED_UNIT;
    *preferred = units * TPDU_PREFERRED_UNIT;
    return TPDU_OK;
}

static enum tpdu_error decode_additional(struct octets value, struct tpdu *tpdu)
{
    if (value.length != 1)
        return TPDU_PARAMETER_LENGTH;
    tpdu->has_additional = true;
    tpdu->additional = value.at[0];
    return TPDU_OK;
}

static bool is_ignorable(uint8_t code)
{
    return (code >= PARAMETER_ACKNOWLEDGE_TIME &&
            code <= PARAMETER_REASSIGNMENT_TIME) ||
           code == PARAMETER_CHECKSUM || code == PARAMETER_VERSION ||
           code == PARAMETER_PROTECTION || code == PARAMETER_INACTIVITY_TIME;
}

static enum tpdu_error
decode_connection(uint8_t code, struct octets value, struct tpdu *tpdu)
{
    switch (code) {
    case PARAMETER_SIZE:
        return decode_size(value, &tpdu->size);
    case PARAMETER_CALLING:
        return decode_selector(value, &tpdu->calling);
    case PARAMETER_CALLED:
        return decode_selector(value, &tpdu->called);
    case PARAMETER_ADDITIONAL_OPTIONS:
        return decode_additional(value, tpdu);
    case PARAMETER_PREFERRED:
        return decode_preferred(value, &tpdu->preferred);
    default:
        break;
    }
    if (code == PARAMETER_ALTERNATIVES && tpdu->type == TPDU_CR) {
        tpdu->alternatives = value;
        return TPDU_OK;
    }
    /* A CR may come from a later version of the protocol, everything else answers us.
     */
    if (tpdu->type == TPDU_CR || is_ignorable(code))
        return TPDU_OK;
    return TPDU_PARAMETER_UNKNOWN;
}

static enum tpdu_error
decode_information(uint8_t code, struct octets value, struct tpdu *tpdu)
{
    uint8_t wanted =
        tpdu->type == TPDU_ER ? PARAMETER_INVALID_TPDU : PARAMETER_INFORMATION;

    if (code == wanted)
        tpdu->information = value;
    else if (code != PARAMETER_CHECKSUM)
        return TPDU_PARAMETER_UNKNOWN;
    return TPDU_OK;
}

enum tpdu_error tpdu_decode_parameters(struct octets octets,
                                       const struct tpdu_shape *shape,
                                       struct tpdu *tpdu)
{
    struct octet_reader reader = {.left = octets};
    enum tpdu_error error = TPDU_OK;

    if (shape->parameters == PARAMETERS_IGNORED)
        return TPDU_OK;
    while (error == TPDU_OK && reader.left.length > 0) {
        uint8_t code = read_octet(&reader);
        uint8_t length = read_octet(&reader);
        struct octets value = read_octets(&reader, length);

        if (reader.failed)
            return TPDU_PARAMETER_LENGTH;
        if (shape->parameters == PARAMETERS_CONNECTION)
            error = decode_connection(code, value, tpdu);
        else if (shape->parameters == PARAMETERS_INFORMATION)
            error = decode_information(code, value, tpdu);
        else
            error = TPDU_PARAMETER_UNKNOWN;
    }
    return error;
}

static void
write_parameter(struct octet_writer *writer, uint8_t code, struct octets value)
{
    if (value.at == NULL)
        return;
    write_octet(writer, code);
    /* A length above 255 is cut here, and then the value does not fit in the header. */
    write_octet(writer, (uint8_t)value.length);
    write_octets(writer, value);
}

static enum tpdu_error encode_size(struct octet_writer *writer, uint32_t size)
{
    uint8_t code = SIZE_CODE_MIN;

    if (size == 0)
        return TPDU_OK;
    while (code < SIZE_CODE_LARGEST && size != 1u << code)
        code++;
    if (code == SIZE_CODE_LARGEST && size != TPDU_SIZE_MAX)
        return TPDU_PARAMETER_VALUE;
    write_parameter(writer, PARAMETER_SIZE, octets_of(&code, 1));
    return TPDU_OK;
}

static enum tpdu_error encode_preferred(struct octet_writer *writer, uint32_t preferred)
{
    uint32_t units = preferred / TPDU_PREFERRED_UNIT;
    size_t width = units > UINT8_MAX ? 2 : 1;

    if (preferred == 0)
        return TPDU_OK;
    if (preferred % TPDU_PREFERRED_UNIT != 0 || preferred > TPDU_PREFERRED_MAX)
        return TPDU_PARAMETER_VALUE;
    write_octet(writer, PARAMETER_PREFERRED);
    write_octet(writer, (uint8_t)width);
    write_number(writer, units, width);
    return TPDU_OK;
}

static enum tpdu_error encode_connection(struct octet_writer *writer,
                                         const struct tpdu *tpdu)
{
    enum tpdu_error error;

    if (tpdu->calling.length > TPDU_SELECTOR_MAX ||
        tpdu->called.length > TPDU_SELECTOR_MAX)
        return TPDU_PARAMETER_LENGTH;
    if (tpdu->type != TPDU_CR && tpdu->alternatives.at != NULL)
        return TPDU_PARAMETER_UNKNOWN;
    error = encode_size(writer, tpdu->size);
    if (error != TPDU_OK)
        return error;
    write_parameter(writer, PARAMETER_CALLING, tpdu->calling);
    write_parameter(writer, PARAMETER_CALLED, tpdu->called);
    if (tpdu->has_additional)
        write_parameter(
            writer, PARAMETER_ADDITIONAL_OPTIONS, octets_of(&tpdu->additional, 1));
    write_parameter(writer, PARAMETER_ALTERNATIVES, tpdu->alternatives);
    return encode_preferred(writer, tpdu->preferred);
}

enum tpdu_error tpdu_encode_parameters(struct octet_writer *writer,
                                       const struct tpdu_shape *shape,
                                       const struct tpdu *tpdu)
{
    if (shape->parameters == PARAMETERS_CONNECTION)
        return encode_connection(writer, tpdu);
    if (shape->parameters == PARAMETERS_INFORMATION)
        write_parameter(writer, PARAMETER_INFORMATION, tpdu->information);
    return TPDU_OK;
}
