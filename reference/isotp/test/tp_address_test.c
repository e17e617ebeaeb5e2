#include "tp_address.h"

#include <string.h>

#include "expect.h"

static struct octets text_of(const char *text)
{
    return octets_of(text, strlen(text));
}

#define LOCALHOST "54 00728722 03 127000000001"

static const struct {
    const char *text;
    const char *selector;
    const char *nsap;
    const char *shown; /* NULL: as it was */
} valid[] = {
    {"TELEX+00728722+RFC-1006+03+127.0.0.1", "", LOCALHOST, NULL},
    {"\"SRV\"/TELEX+00728722+RFC-1006+03+127.0.0.1+1102",
     "\"SRV\"",
     LOCALHOST "01102f",
     NULL},
    {"#128/TELEX+00728722+RFC-1006+03+127.0.0.1",
     "00 80",
     LOCALHOST,
     "'0080'H/TELEX+00728722+RFC-1006+03+127.0.0.1"},
    {"'0102'H/NS+540072872203127000000001",
     "01 02",
     LOCALHOST,
     "'0102'H/TELEX+00728722+RFC-1006+03+127.0.0.1"},
    {"TELEX+00728722+RFC-1006+03+10.0.0.6+9+2",
     "",
     "54 00728722 03 010000000006 0000900002",
     NULL},
    {"\"256\"/NS+a433bb93c1", "\"256\"", "a433bb93c1", NULL},
    {"NS+", "", "", NULL},
    {"\"A\"/NS+", "\"A\"", "", NULL},
    /* Other ways to say it. */
    {"Internet-RFC-1006=127.0.0.1",
     "",
     LOCALHOST,
     "TELEX+00728722+RFC-1006+03+127.0.0.1"},
    {"telex+00728722+rfc-1006+03+127.0.0.1",
     "",
     LOCALHOST,
     "TELEX+00728722+RFC-1006+03+127.0.0.1"},
    {"ns+A433BB93C1", "", "a433bb93c1", "NS+a433bb93c1"},
    {"'4142'h/NS+00", "4142", "00", "\"AB\"/NS+00"},
    {"/NS+00", "", "00", "NS+00"},
    {"\"\"/NS+00", "", "00", "NS+00"},
    {"''H/NS+00", "", "00", "NS+00"},
    {"#65535/NS+00", "ffff", "00", "'ffff'H/NS+00"},
    {"\"a/b|c_d\"/NS+00", "\"a/b|c_d\"", "00", NULL},
    {"\" ~\"/NS+00", "20 7e", "00", NULL},
    {"'22'H/NS+00", "22", "00", NULL},
    {"'7f'H/NS+00", "7f", "00", NULL},
    /* The longest. */
    {"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"/NS+0102030405060708090a0b0c0d0e0f1011121314",
     "41*32",
     "0102030405060708090a0b0c0d0e0f1011121314",
     NULL},
    {"TELEX+00728722+RFC-1006+03+255.255.255.255+65535+65535",
     "",
     "54 00728722 03 255255255255 6553565535",
     NULL},
};

static void test_texts_are_read_and_shown(void)
{
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        const char *shown = valid[i].shown ? valid[i].shown : valid[i].text;
        uint8_t room[TP_ADDRESS_TEXT_MAX];
        struct octet_writer writer = {.at = room, .size = sizeof room};
        struct tp_address address;

        expect_about(valid[i].text);
        EXPECT_EQUAL(tp_address_parse(text_of(valid[i].text), &address), TP_ADDRESS_OK);
        EXPECT_OCTETS(octets_of(address.selector, address.selector_length),
                      valid[i].selector);
        EXPECT_OCTETS(octets_of(address.nsap, address.nsap_length), valid[i].nsap);
        EXPECT_EQUAL(tp_address_format(&writer, &address), TP_ADDRESS_OK);
        CU_ASSERT(octets_equal(octets_of(room, writer.length), text_of(shown)));
    }
    expect_about(NULL);
}

#define TELEX "TELEX+00728722+RFC-1006+03+"

static const struct {
    const char *text;
    enum tp_address_error error;
} refused[] = {
    {"", TP_ADDRESS_SYNTAX},
    {"127.0.0.1", TP_ADDRESS_SYNTAX},
    {"N", TP_ADDRESS_SYNTAX},
    {"\"SRV\"/", TP_ADDRESS_SYNTAX},
    {"\"SRV/NS+00", TP_ADDRESS_SYNTAX},
    {"\"P\"/\"S\"/\"T\"/NS+00", TP_ADDRESS_UPPER},
    {"#41/#12/NS+00", TP_ADDRESS_UPPER},
    {"//NS+00", TP_ADDRESS_UPPER},
    {"NS+00|NS+01", TP_ADDRESS_SEVERAL},
    {"NS+a433bb93c1_NS+aa3106", TP_ADDRESS_SEVERAL},
    /* Selectors. */
    {"SRV/NS+00", TP_ADDRESS_SELECTOR},
    {"\"/NS+00", TP_ADDRESS_SYNTAX},
    {"'/NS+00", TP_ADDRESS_SELECTOR},
    {"'H/NS+00", TP_ADDRESS_SELECTOR},
    {"'010'H/NS+00", TP_ADDRESS_SELECTOR},
    {"'01'/NS+00", TP_ADDRESS_SELECTOR},
    {"'0g'H/NS+00", TP_ADDRESS_SELECTOR},
    {"#/NS+00", TP_ADDRESS_SELECTOR},
    {"#65536/NS+00", TP_ADDRESS_SELECTOR},
    {"#99999999999999999999/NS+00", TP_ADDRESS_SELECTOR},
    {"#12x/NS+00", TP_ADDRESS_SELECTOR},
    {"\"A\tB\"/NS+00", TP_ADDRESS_SELECTOR},
    {"\"A\"\"/NS+00", TP_ADDRESS_SYNTAX},
    {"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"/NS+00", TP_ADDRESS_SELECTOR},
    {"'010203040506070809101112131415161718192021222324252627282930313233'H/NS+00",
     TP_ADDRESS_SELECTOR},
    /* Network addresses. */
    {"NS+0", TP_ADDRESS_NSAP},
    {"NS+0x", TP_ADDRESS_NSAP},
    {"NS+0102030405060708090a0b0c0d0e0f101112131415", TP_ADDRESS_NSAP},
    {"X121+234219200300", TP_ADDRESS_FOREIGN},
    {"DCC+826+d110000", TP_ADDRESS_FOREIGN},
    {"LOCAL++lasdf", TP_ADDRESS_FOREIGN},
    {"TELEX+00728722+X.25(80)+02+00002340555+CUDF+892796", TP_ADDRESS_FOREIGN},
    {"Int-X25(80)=23421920030013", TP_ADDRESS_FOREIGN},
    {"TELEX+00728722+RFC-1006+05+127.0.0.1", TP_ADDRESS_FOREIGN},
    {TELEX, TP_ADDRESS_HOST},
    {TELEX "127.0.0", TP_ADDRESS_HOST},
    {TELEX "127.0.0.", TP_ADDRESS_HOST},
    {TELEX "127.0.0.256", TP_ADDRESS_HOST},
    {TELEX "127.0.0.1.2", TP_ADDRESS_HOST},
    {TELEX "127..0.1", TP_ADDRESS_HOST},
    {TELEX "-1.0.0.1", TP_ADDRESS_HOST},
    {TELEX "localhost", TP_ADDRESS_HOST},
    {TELEX "127.0.0.1+", TP_ADDRESS_NUMBER},
    {TELEX "127.0.0.1+65536", TP_ADDRESS_NUMBER},
    {TELEX "127.0.0.1+1102x", TP_ADDRESS_NUMBER},
    {TELEX "127.0.0.1+1102+", TP_ADDRESS_NUMBER},
    {TELEX "127.0.0.1+1102+65536", TP_ADDRESS_NUMBER},
    {TELEX "127.0.0.1+1102+1+1", TP_ADDRESS_NUMBER},
};

static void test_others_are_refused(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct tp_address address = {.nsap_length = 99};

        expect_about(refused[i].text);
        EXPECT_EQUAL(tp_address_parse(text_of(refused[i].text), &address),
                     refused[i].error);
        EXPECT_EQUAL(address.nsap_length, 0);
        EXPECT_EQUAL(address.selector_length, 0);
    }
    expect_about(NULL);
}

/* A NUL inside is a character like others, and not a digit. */
static void test_text_may_hold_any_octet(void)
{
    struct tp_address address;

    EXPECT_EQUAL(tp_address_parse(hex("\"NS+\" 00 \"0\""), &address), TP_ADDRESS_NSAP);
    EXPECT_EQUAL(tp_address_parse(hex("00*10"), &address), TP_ADDRESS_SYNTAX);
    EXPECT_EQUAL(tp_address_parse(octets_of(NULL, 0), &address), TP_ADDRESS_SYNTAX);
}

static void test_lengths_beyond_the_arrays_are_refused(void)
{
    uint8_t room[TP_ADDRESS_TEXT_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    const struct tp_address selector = {.selector_length = TPDU_SELECTOR_MAX + 1};
    const struct tp_address nsap = {.nsap_length = NSAP_MAX + 1};

    EXPECT_EQUAL(tp_address_format(&writer, &selector), TP_ADDRESS_SELECTOR);
    EXPECT_EQUAL(tp_address_format(&writer, &nsap), TP_ADDRESS_NSAP);
}

static void test_the_longest_text_fits(void)
{
    uint8_t room[TP_ADDRESS_TEXT_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct octet_writer small = {.at = room, .size = 10};
    struct tp_address address;

    tp_address_parse(text_of(TELEX "255.255.255.255+65535+65535"), &address);
    address.selector_length = TPDU_SELECTOR_MAX; /* of NULs: shown in hexadecimal */
    EXPECT_EQUAL(tp_address_format(&writer, &address), TP_ADDRESS_OK);
    EXPECT_EQUAL(tp_address_format(&small, &address), TP_ADDRESS_ROOM);
}

CU_TestInfo tp_address_tests[] = {
    {"texts are read and shown", test_texts_are_read_and_shown},
    {"others are refused", test_others_are_refused},
    {"text may hold any octet", test_text_may_hold_any_octet},
    {"lengths beyond the arrays are refused",
     test_lengths_beyond_the_arrays_are_refused},
    {"the longest text fits", test_the_longest_text_fits},
    CU_TEST_INFO_NULL,
};
