/* The octets of the ISO transport peer against samples that a foreign dissector has
 * read, its reader against what no sender may send. */
#include "isotp_check.h"
#include "isotp_endpoint.h"
#include "isotp_reader.h"

/* --- Octets ------------------------------------------------------------------------
 */

static struct isotp_octets octets, other;

struct sample {
    const char *octets;
    struct isotp_tpdu tpdu;
    const char *variable;
    const char *data;
};

#define CALL_PARAMETERS "c0010b c103434c49 c203535256"

static const struct sample samples[] = {
    {"0300001d 16e00000100121 c0010bc103434c49c203535256c60100 6869",
     {.kind = ISOTP_CR, .source = 0x1001, .class_option = ISOTP_CLASS_2},
     CALL_PARAMETERS "c60100",
     "hi"},
    {"0300001d 16d01001200221 c0010bc103434c49c203535256c60100 6f6b",
     {.kind = ISOTP_CC,
      .destination = 0x1001,
      .source = 0x2002,
      .class_option = ISOTP_CLASS_2},
     CALL_PARAMETERS "c60100",
     "ok"},
    {"0300001a 13e00000100100 c0010bc103434c49c203535256 6869",
     {.kind = ISOTP_CR, .source = 0x1001},
     CALL_PARAMETERS,
     "hi"},
    {"0300001a 13d01001200200 c0010bc103434c49c203535256 6f6b",
     {.kind = ISOTP_CC, .destination = 0x1001, .source = 0x2002},
     CALL_PARAMETERS,
     "ok"},
    {"0300000b 02f080 64617461",
     {.kind = ISOTP_DT_CLASS_0, .number = ISOTP_EOT},
     "",
     "data"},
    {"0300000d 04f0200280 64617461",
     {.kind = ISOTP_DT, .destination = 0x2002, .number = ISOTP_EOT},
     "",
     "data"},
    {"0300000a 0410200280 78",
     {.kind = ISOTP_ED, .destination = 0x2002, .number = ISOTP_EOT},
     "",
     "x"},
    {"03000009 0420100100", {.kind = ISOTP_EA, .destination = 0x1001}, "", ""},
    {"03000008 021080 78", {.kind = ISOTP_ED_CLASS_0, .number = ISOTP_EOT}, "", "x"},
    {"0300000e 06802002100180 627965",
     {.kind = ISOTP_DR,
      .destination = 0x2002,
      .source = 0x1001,
      .reason = ISOTP_REASON_NORMAL},
     "",
     "bye"},
    {"0300000b 06801001000003",
     {.kind = ISOTP_DR, .destination = 0x1001, .reason = ISOTP_REASON_ADDRESS_UNKNOWN},
     "",
     ""},
    {"0300000a 05c010012002",
     {.kind = ISOTP_DC, .destination = 0x1001, .source = 0x2002},
     "",
     ""},
    {"0300000d 0870100102 c1020680",
     {.kind = ISOTP_ER, .destination = 0x1001, .reason = 2},
     "c1020680",
     ""},
    /* Laid out by hand after the table of X.224. */
    {"03000009 0465100107",
     {.kind = ISOTP_AK, .destination = 0x1001, .credit = 5, .number = 7},
     "",
     ""},
    {"03000012 0a802002100180 e0026f68 627965",
     {.kind = ISOTP_DR,
      .destination = 0x2002,
      .source = 0x1001,
      .reason = ISOTP_REASON_NORMAL},
     "e0026f68",
     "bye"},
};

enum { SAMPLES = sizeof samples / sizeof samples[0] };

static struct isotp_octets from_hex(const char *hex)
{
    octets.size = 0;
    CHECK(isotp_octets_add_hex(&octets, hex));
    return octets;
}

static struct isotp_tpdu tpdu_of(const struct sample *sample)
{
    struct isotp_tpdu tpdu = sample->tpdu;

    from_hex(sample->variable);
    CHECK(isotp_tpdu_add_raw(&tpdu, octets.octets, octets.size));
    tpdu.data = sample->data;
    tpdu.data_size = strlen(sample->data);
    return tpdu;
}

/* The octets of the TPDU in a TPKT are these. */
static void check_octets(int line, const struct isotp_tpdu *tpdu, const char *hex)
{
    bool built;

    other.size = 0;
    built = isotp_octets_add_tpkt(&other, tpdu);
    from_hex(hex);
    check(__FILE__,
          line,
          built && other.size == octets.size &&
              memcmp(other.octets, octets.octets, other.size) == 0,
          hex);
}

static void samples_are_built(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        struct isotp_tpdu tpdu = tpdu_of(&samples[i]);

        check_octets(__LINE__, &tpdu, samples[i].octets);
    }
}

static void samples_are_read(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        struct isotp_tpdu expected = tpdu_of(&samples[i]);
        struct isotp_tpdu seen;
        struct isotp_why why = {""};

        from_hex(samples[i].octets);
        isotp_read(octets.octets, octets.size, &seen, &why);
        CHECK_TEXT(why.text, "");
        isotp_match(&seen, &expected, 0, &why);
        CHECK_TEXT(why.text, "");
    }
}

static void any_field_can_be_wrong(void)
{
    struct isotp_tpdu dc = {.kind = ISOTP_DC, .destination = 0x1001, .source = 0x2002};

    dc.version = ISOTP_FORGED(4);
    dc.reserved = ISOTP_FORGED(1);
    dc.length = ISOTP_FORGED(2);
    dc.li = ISOTP_FORGED(255);
    dc.code = ISOTP_FORGED(0);
    check_octets(__LINE__, &dc, "04010002 ff0010012002");
    dc = (struct isotp_tpdu){.kind = ISOTP_DC, .data = "x", .data_size = 1};
    CHECK(isotp_tpdu_add_raw(&dc, "\xC1", 1));
    check_octets(__LINE__, &dc, "0300000c 06c000000000 c1 78");
}

static void tpdus_can_share_a_tpkt(void)
{
    struct isotp_tpdu ak = {.kind = ISOTP_AK, .destination = 1};
    struct isotp_tpdu dc = {.kind = ISOTP_DC, .destination = 1, .source = 2};

    other.size = 0;
    CHECK(isotp_octets_add_tpdu(&other, &ak) && isotp_octets_add_tpdu(&other, &dc));
    CHECK(isotp_octets_wrap(&other));
    from_hex("0300000f 0460000100 05c000010002");
    CHECK(other.size == octets.size &&
          memcmp(other.octets, octets.octets, octets.size) == 0);
}

static void what_does_not_fit_is_left_out(void)
{
    static const char large[ISOTP_TPKT_MAX];
    struct isotp_tpdu dt = {.kind = ISOTP_DT, .data = large, .data_size = 65526};
    struct isotp_tpdu cr = {.kind = ISOTP_CR};

    other.size = 0;
    CHECK(isotp_octets_add_tpkt(&other, &dt) && other.size == ISOTP_TPKT_MAX);
    CHECK(!isotp_octets_wrap(&other) && !isotp_octets_add(&other, "x", 1));
    CHECK(!isotp_octets_add_tpkt(&other, &dt) && other.size == ISOTP_TPKT_MAX);
    other.size = 0;
    dt.data_size++;
    CHECK(!isotp_octets_add_tpkt(&other, &dt) && other.size == 0);
    CHECK(!isotp_octets_add_hex(&other, "00 0g") && other.size == 0);
    CHECK(!isotp_octets_add_hex(&other, "000") && other.size == 0);
    CHECK(isotp_tpdu_add(&cr, ISOTP_PROTECTION, large, 252));
    CHECK(!isotp_tpdu_add(&cr, ISOTP_PROTECTION, large, 0));
    CHECK(!isotp_octets_add_tpkt(&other, &cr) && other.size == 0);
    CHECK(!isotp_tpdu_add_raw(&cr, large, 1));
    cr.kind = ISOTP_NO_TPDU;
    CHECK(!isotp_octets_add_tpdu(&other, &cr));
}

/* --- Reading ----------------------------------------------------------------------
 */

#define SIXTEEN "00112233445566778899aabbccddeeff"

static const struct {
    const char *octets;
    const char *why;
} faults[] = {
    {"0300", "expected a TPKT of at least 7 octets, observed 2"},
    {"0200000a 05c010012002",
     "octet 1 of the TPKT: expected version 0x03, observed 0x02"},
    {"0301000a 05c010012002", "octet 2 of the TPKT: expected 0x00, observed 0x01"},
    {"03000006 05c010012002",
     "octets 3-4 of the TPKT: expected a length of at least 7, observed 6"},
    {"0300000b 05c010012002",
     "octets 3-4 of the TPKT: expected length 10, observed 11"},
    {"0300000a 050010012002",
     "octet 2 of the TPDU: expected a code of class 0 or 2, observed 0x00"},
    {"03000009 0450100100",
     "octet 2 of the TPDU: expected a code of class 0 or 2, observed 0x50"},
    {"0300000b 06812002100180", "octet 2 of the DR: expected code 0x80, observed 0x81"},
    {"0300000d 04f1200280 64617461",
     "octet 2 of the DT: expected code 0xF0, observed 0xF1"},
    {"0300000b 05802002100180",
     "octet 1 of the DR: expected a length indicator of at least 6, observed 5"},
    {"0300000b 06c01001200280",
     "octet 1 of the DC: expected a length indicator of 5, observed 6"},
    {"0300000b 07802002100180",
     "octet 1 of the DR: expected a length indicator of at most 6, observed 7"},
    {"0300000b ff802002100180",
     "octet 1 of the DR: expected a length indicator of at most 6, observed 255"},
    {"03000007 00f080",
     "octet 1 of the DT: expected a length indicator of 4, observed 0"},
    {"0300000e 09802002100180 c00107",
     "octet 8 of the DR: expected the code of a parameter that it can have, observed "
     "0xC0"},
    {"0300000c 07802002100180 e0",
     "octet 9 of the DR: expected the length of parameter 0xE0, observed the end of "
     "the header"},
    {"0300000e 09802002100180 e00200",
     "octet 9 of the DR: expected a length of at most 1 for parameter 0xE0, observed "
     "2"},
    {"03000011 0ce00000100121 c0010bc0010b",
     "octet 11 of the CR: expected parameter 0xC0 once, observed it twice"},
    {"0300000f 0ae00000100121 c0020b0b",
     "octet 9 of the CR: expected a length of 1 to 1 for parameter 0xC0, observed 2"},
    {"0300000d 08e00000100121 c100",
     "octet 9 of the CR: expected a length of 1 to 32 for parameter 0xC1, observed 0"},
    {"0300002e 29e00000100121 c221" SIXTEEN SIXTEEN "00",
     "octet 9 of the CR: expected a length of 1 to 32 for parameter 0xC2, observed "
     "33"},
    {"0300000e 09e00000100121 c00111",
     "octet 10 of the CR: expected a value of 0x07 to 0x10 for parameter 0xC0, "
     "observed 0x11"},
    {"0300000e 09e00000100100 c70100",
     "octet 8 of the CR: expected no parameter 0xC7 in class 0, observed it"},
    {"0300000b 06e00001100121",
     "octets 3-4 of the CR: expected destination reference 0x0000, observed 0x0001"},
    {"0300000b 06e00000000021",
     "octets 5-6 of the CR: expected a source reference, observed 0x0000"},
    {"0300000b 06d01001000021",
     "octets 5-6 of the CC: expected a source reference, observed 0x0000"},
    {"0300000b 06e00000100151",
     "octet 7 of the CR: expected a class of 0 to 4 and no undefined option, observed "
     "0x51"},
    {"0300000b 06e00000100129",
     "octet 7 of the CR: expected a class of 0 to 4 and no undefined option, observed "
     "0x29"},
    {"0300000b 06e10000100100",
     "octet 2 of the CR: expected no credit in class 0, observed 1"},
    {"03000085 80e00000100121 c578" SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN
         SIXTEEN "0011223344556677",
     "the CR has 129 octets, at most 128 are allowed"},
    {"0300002c 06e00000100121" SIXTEEN SIXTEEN "00",
     "the CR carries 33 octets of user data, 0 to 32 are allowed"},
    {"0300000b 06802002100186",
     "octet 7 of the DR: expected a defined reason, observed 0x86"},
    {"0300004c 06802002100180" SIXTEEN SIXTEEN SIXTEEN SIXTEEN "00",
     "the DR carries 65 octets of user data, 0 to 64 are allowed"},
    {"0300000b 05c010012002 00",
     "the DC carries 1 octets of user data, 0 to 0 are allowed"},
    {"03000009 0410200280",
     "the ED carries 0 octets of user data, 1 to 16 are allowed"},
    {"0300001a 0410200280" SIXTEEN "00",
     "the ED carries 17 octets of user data, 1 to 16 are allowed"},
    {"0300000a 0410200200 78", "octet 5 of the ED: expected EOT, observed 0x00"},
    {"03000008 021000 78", "octet 3 of the ED: expected EOT, observed 0x00"},
    {"03000009 0470100104",
     "octet 5 of the ER: expected a cause of 0 to 3, observed 4"},
};

static void faults_are_explained(void)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct isotp_tpdu seen;
        struct isotp_why why = {""};

        from_hex(faults[i].octets);
        CHECK(isotp_read(octets.octets, octets.size, &seen, &why) == ISOTP_DIFFERENT);
        CHECK_TEXT(why.text, faults[i].why);
    }
}

static void every_cut_of_a_sample_is_a_fault(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        struct isotp_octets whole = from_hex(samples[i].octets);

        for (size_t size = 0; size < whole.size; size++) {
            struct isotp_tpdu seen;
            struct isotp_why why;

            CHECK(isotp_read(whole.octets, size, &seen, &why) == ISOTP_DIFFERENT);
        }
    }
}

static const struct {
    const char *seen;
    const char *expected;
    unsigned any;
    const char *why;
} differences[] = {
    {"0300000e 06802002100180 627965",
     "0300000a 05c010012002",
     0,
     "octet 2 of the TPDU: expected code 0xC0 (DC), observed 0x80 (DR)"},
    {"0300000b 02f080 64617461",
     "0300000d 04f0200280 64617461",
     0,
     "octet 1 of the DT: expected length indicator 4, observed 2"},
    {"0300000b 06e10000100121",
     "0300000b 06e00000100121",
     0,
     "octet 2 of the CR: expected code 0xE0, observed 0xE1"},
    {"0300000b 06e10000100121", "0300000b 06e00000100121", ISOTP_ANY_CREDIT, ""},
    {"0300000b 06e00000100100",
     "0300000b 06e00000100121",
     0,
     "octet 7 of the CR: expected class and option 0x21, observed 0x00"},
    {"0300000b 06802002100100",
     "0300000b 06802003100180",
     0,
     "octets 3-4 of the DR: expected destination reference 0x2003, observed 0x2002"},
    {"0300000b 06802002100100",
     "0300000b 06802003000180",
     ISOTP_ANY_DESTINATION,
     "octets 5-6 of the DR: expected source reference 0x0001, observed 0x1001"},
    {"0300000b 06802002100100",
     "0300000b 06802003000180",
     ISOTP_ANY_DESTINATION | ISOTP_ANY_SOURCE,
     "octet 7 of the DR: expected reason 0x80, observed 0x00"},
    {"0300000b 06802002100100", "0300000b 06802002100180", ISOTP_ANY_REASON, ""},
    {"0300000a 04f0000183 78",
     "0300000a 04f0000100 78",
     ISOTP_ANY_NUMBER,
     "octet 5 of the DT: expected EOT and number 0x00, observed 0x83"},
    {"0300000a 04f0000183 78",
     "0300000a 04f0000100 78",
     ISOTP_ANY_EOT,
     "octet 5 of the DT: expected EOT and number 0x00, observed 0x83"},
    {"0300000a 04f0000183 78",
     "0300000a 04f0000100 78",
     ISOTP_ANY_EOT | ISOTP_ANY_NUMBER,
     ""},
    {"0300000e 06800001000280 627965",
     "0300000f 06800001000280 62796521",
     0,
     "the DR: expected 4 octets of user data, observed 3"},
    {"0300000e 06800001000280 627965",
     "0300000e 06800001000280 627a65",
     0,
     "octet 9 of the DR: expected octet 2 of the user data to be 0x7A, observed 0x79"},
    {"0300000e 06800001000280 627965", "0300000b 06800001000280", ISOTP_ANY_DATA, ""},
    {"0300000f 0ae00000000121 c2025352",
     "0300000f 0ae00000000121 c2025351",
     0,
     "octet 11 of the CR: expected octet 2 of the parameter to be 0x51, observed 0x52"},
    {"0300000f 0ae00000000121 c2025352",
     "0300000e 09e00000000121 c20153",
     0,
     "octet 9 of the CR: expected length 1 of parameter 0xC2, observed 2"},
    {"0300000f 0ae00000000121 c2025352",
     "0300000e 09e00000000121 c10153",
     0,
     "the CR: expected parameter 0xC1 of 1 octets, observed none"},
    {"03000012 0de00000000121 c60100 c2025352",
     "0300000f 0ae00000000121 c2025352",
     0,
     "octet 8 of the CR: expected no parameter 0xC6, observed one of 1 octets"},
    {"03000012 0de00000000121 c60100 c2025352",
     "0300000f 0ae00000000121 c2025352",
     ISOTP_ANY_OTHER_PARAMETERS,
     ""},
    {"03000012 0de00000000121 c60100 c2025352",
     "03000012 0de00000000121 c2025352 c60100",
     0,
     ""},
};

static void differences_are_explained(void)
{
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        struct isotp_octets expected_octets = from_hex(differences[i].expected);
        struct isotp_tpdu seen, expected;
        struct isotp_why why = {""};

        from_hex(differences[i].seen);
        isotp_read(octets.octets, octets.size, &seen, &why);
        CHECK_TEXT(why.text, "");
        isotp_read(expected_octets.octets, expected_octets.size, &expected, &why);
        CHECK_TEXT(why.text, "");
        isotp_match(&seen, &expected, differences[i].any, &why);
        CHECK_TEXT(why.text, differences[i].why);
    }
}

/* --- Addresses -----------------------------------------------------------------------
 */

static const struct {
    const char *nsap;
    struct isotp_endpoint endpoint;
} addresses[] = {
    {"540072872203127000000001", {{127, 0, 0, 1}, 102}},
    {"54007287220312700000000101102f", {{127, 0, 0, 1}, 1102}},
    {"5400728722031270000000010110200001", {{127, 0, 0, 1}, 1102}},
    {"54007287220325525525525565535f", {{255, 255, 255, 255}, 65535}},
};

static const struct {
    const char *nsap;
    const char *why;
} wrong_addresses[] = {
    {"", "the NSAP: expected 24, 29 or 34 decimal digits, observed 0 octets"},
    {"5400728722031270000000010110af",
     "the NSAP: expected 24, 29 or 34 decimal digits, observed 15 octets"},
    {"54007287220312700000000f",
     "the NSAP: expected 24, 29 or 34 decimal digits, observed 12 octets"},
    {SIXTEEN SIXTEEN,
     "the NSAP: expected 24, 29 or 34 decimal digits, observed 32 octets"},
    {"540072872201127000000001",
     "the NSAP: expected it to begin with the digits 540072872203"},
    {"540072872203127000000256",
     "the NSAP: expected an IPv4 address, observed 256 in it"},
    {"54007287220312700000000165536f", "the NSAP: expected a port, observed 65536"},
    {"5400728722031270000000010110200002",
     "the NSAP: expected a transport set with TCP"},
};

static bool same_endpoint(const struct isotp_endpoint *a,
                          const struct isotp_endpoint *b)
{
    return a->port == b->port && memcmp(a->address, b->address, 4) == 0;
}

static void nsaps_are_read(void)
{
    struct isotp_endpoint endpoint;
    struct isotp_why why = {""};

    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        from_hex(addresses[i].nsap);
        isotp_nsap_read(octets.octets, octets.size, &endpoint, &why);
        CHECK_TEXT(why.text, "");
        CHECK(same_endpoint(&endpoint, &addresses[i].endpoint));
    }
    for (size_t i = 0; i < sizeof wrong_addresses / sizeof wrong_addresses[0]; i++) {
        from_hex(wrong_addresses[i].nsap);
        isotp_nsap_read(octets.octets, octets.size, &endpoint, &why);
        CHECK_TEXT(why.text, wrong_addresses[i].why);
    }
}

static void nsaps_are_written(void)
{
    unsigned char nsap[ISOTP_NSAP_MAX];

    from_hex(addresses[1].nsap);
    CHECK(isotp_nsap_write(&addresses[1].endpoint, nsap) == octets.size);
    CHECK(memcmp(nsap, octets.octets, octets.size) == 0);
}

int main(void)
{
    CU_TestInfo octet_tests[] = {
        {"samples are built", samples_are_built},
        {"samples are read", samples_are_read},
        {"any field can be wrong", any_field_can_be_wrong},
        {"TPDUs can share a TPKT", tpdus_can_share_a_tpkt},
        {"what does not fit is left out", what_does_not_fit_is_left_out},
        {"faults are explained", faults_are_explained},
        {"every cut of a sample is a fault", every_cut_of_a_sample_is_a_fault},
        {"differences are explained", differences_are_explained},
        {"NSAPs are read", nsaps_are_read},
        {"NSAPs are written", nsaps_are_written},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"isotp octets", NULL, NULL, NULL, NULL, octet_tests},
        CU_SUITE_INFO_NULL,
    };

    return run_suites(suites);
}
