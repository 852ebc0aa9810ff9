"""Every fault of a rulebook is told with file, line and remedy, and all of them at once."""

import pytest

from rulebook.conftest import CHAIN, LEAVES, PRODUCTS, Write
from wutong.rulebook import load


def faults(write: Write, **files: str) -> list[str]:
    """The faults as text, one a line."""
    with pytest.raises(load.RulebookError) as caught:
        load.rulebook_from(write(**files))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("products", "fault"),
    [
        (
            PRODUCTS.replace("generic: true", "generik: true"),
            "products/base.yaml:5: generik: Extra inputs are not permitted → remove the field",
        ),
        (PRODUCTS.replace("    zh: 液压泵\n", ""), "products/base.yaml:11: zh: Field required → add the field"),
        (PRODUCTS.replace("id: hydraulic-pump", "id: 液压泵"), "products/base.yaml:11: id: '液压泵' is no id"),
        (PRODUCTS.replace("zh: 液压泵", "zh: 液压泵、油泵"), "products/base.yaml:12: zh: '液压泵、油泵' is no single term"),
        (PRODUCTS.replace("en: hydraulic pump", "en: 液压泵"), "products/base.yaml:13: en: '液压泵' is no English name"),
        (PRODUCTS.replace("generic: true", "kind: thing"), "products/base.yaml:5: kind: Input should be 'good' or 'service' → use one of"),
        (
            PRODUCTS.replace("id: hydraulic-pump", "id: machine-part"),
            "products/base.yaml:11: product 'machine-part' is there twice, first at products/base.yaml:2",
        ),
        (PRODUCTS.replace("[machine-part]", "[machine-parts]"), "products/base.yaml:10: broader: unknown product 'machine-parts'"),
        (
            PRODUCTS.replace("[machine-part]", "[hydraulic-cylinder]"),
            "products/base.yaml:10: broader: 'hydraulic-cylinder' points to itself",
        ),
        (PRODUCTS + "    machine_for: [ship]\n", "products/base.yaml:14: machine_for: unknown product 'ship'"),
        (PRODUCTS + "    part_of: [ship]\n", "products/base.yaml:14: part_of: unknown product 'ship'"),
        (PRODUCTS + "    made_with: [ship]\n", "products/base.yaml:14: made_with: unknown product 'ship'"),
        (
            PRODUCTS + "    synonyms:\n      - 叶片泵\n      - 油缸\n",
            "products/base.yaml:16: '油缸' is claimed by 'hydraulic-cylinder' too",
        ),
        (PRODUCTS + "    synonyms: 叶片泵、\n      柱塞泵、油缸\n", "products/base.yaml:15: '油缸' is claimed by 'hydraulic-cylinder' too"),
        (PRODUCTS + "    synonyms: 叶片泵,柱塞泵\n", "products/base.yaml:14: synonyms.0: '叶片泵,柱塞泵' is no single term"),
        (PRODUCTS + "    en_synonyms: [machine part]\n", "products/base.yaml:14: 'machine part' is claimed by 'machine-part' too"),
        (PRODUCTS + "    synonyms: [液压泵]\n", "products/base.yaml:14: '液压泵' stands twice in 'hydraulic-pump'"),
        (PRODUCTS + "    synonyms: [叶片泵]\n    excludes: [叶片]\n", "products/base.yaml:14: '叶片泵' holds the excluded word '叶片'"),
        ("product: []\n", "products/base.yaml:1: unknown field 'product' → a product file holds one list"),
        ("- id: x\n", "products/base.yaml:1: the file is no mapping"),
        ("products:\n  - [1\n", "products/base.yaml:"),
        ("products: []\nproducts: []\n", "products/base.yaml:2: no valid YAML: found duplicate key"),
    ],
)
def test_a_faulty_product_file_is_told_by_line(write: Write, products: str, fault: str) -> None:
    assert any(line.startswith(fault) for line in faults(write, products__base=products))


def test_a_circle_of_broader_is_a_fault_at_each_of_its_products(write: Write) -> None:
    circle = PRODUCTS + "    broader: [hydraulic-cylinder]\n"
    circle = circle.replace("    generic: true\n", "    generic: true\n    broader: [hydraulic-pump]\n")
    assert [line.split(" → ")[0] for line in faults(write, products__base=circle)] == [
        "products/base.yaml:6: 'machine-part' is broader than itself over others",
        "products/base.yaml:11: 'hydraulic-cylinder' is broader than itself over others",
        "products/base.yaml:15: 'hydraulic-pump' is broader than itself over others",
    ]


def test_a_word_may_stand_in_a_product_and_in_its_broader_one(write: Write) -> None:
    shared = PRODUCTS.replace("synonyms: [油缸", "synonyms: [机械零部件, 油缸")
    assert load.rulebook_from(write(products__base=shared)).products


@pytest.mark.parametrize(
    ("chain", "fault"),
    [
        (
            CHAIN.replace("layer: parts", "layer: part"),
            "chains/hydraulics.yaml:14: segment 'cylinders': unknown layer 'part' → use one of parts, machines",
        ),
        (CHAIN.replace("source: cylinders", "source: cylinder"), "chains/hydraulics.yaml:23: link source: unknown segment 'cylinder'"),
        (CHAIN.replace("target: pumps", "target: cylinders"), "chains/hydraulics.yaml:23: 'cylinders' supplies itself"),
        (CHAIN + "  - {source: cylinders, target: pumps}\n", "chains/hydraulics.yaml:24: the link cylinders → pumps is there twice"),
        (CHAIN.replace("[hydraulic-pump]", "[gear]"), "chains/hydraulics.yaml:21: segment 'pumps': unknown product 'gear'"),
        (CHAIN.replace("[hydraulic-pump]", "[machine-part]"), "chains/hydraulics.yaml:21: segment 'pumps': 'machine-part' is generic"),
        (CHAIN.replace("[hydraulic-pump]", "[]"), "chains/hydraulics.yaml:21: segments.1.products: Tuple should have at least 1 item"),
        (CHAIN.replace("[C3444]", "['3444']"), "chains/hydraulics.yaml:16: segments.0.gbt4754.0: '3444' is no class of GB/T 4754"),
        (CHAIN.replace("id: pumps", "id: cylinders"), "chains/hydraulics.yaml:17: segment 'cylinders' is there twice"),
        (CHAIN.replace("id: machines", "id: parts"), "chains/hydraulics.yaml:9: layer 'parts' is there twice"),
        (CHAIN.replace("id: hydraulics", "id: hydraulic"), "chains/hydraulics.yaml:1: chain 'hydraulic' stands in chains/hydraulics.yaml"),
        (CHAIN.replace("layer: machines", "layer: parts"), "chains/hydraulics.yaml:9: layer 'machines' has no segment"),
        (CHAIN.replace("    name_en: Pumps\n", ""), "chains/hydraulics.yaml:17: segments.1.name_en: Field required → add the field"),
    ],
)
def test_a_faulty_chain_is_told_by_line(write: Write, chain: str, fault: str) -> None:
    assert any(line.startswith(fault) for line in faults(write, chains__hydraulics=chain))


@pytest.mark.parametrize(
    ("leaves", "fault"),
    [
        (LEAVES.replace("  source: {title: Wutong default}\n", ""), "parameters/sizes.yaml:1: source: Field required → add the field"),
        (LEAVES.replace("title: Wutong default", "titel: Wutong default"), "parameters/sizes.yaml:4: source.title: Field required"),
        (LEAVES.replace("zh: 比例, ", ""), "parameters/sizes.yaml:2: description.zh: Field required"),
        (LEAVES.replace("2024-01-01: 0.3, 2026-01-01: null", ""), "parameters/sizes.yaml:5: values:"),
        (LEAVES.replace("2024-01-01", "2024"), "parameters/sizes.yaml:5: values.2024"),
        (LEAVES.replace("share:", "Share:"), "parameters/sizes.yaml:1: 'sizes.Share' is no name of a leaf"),
    ],
)
def test_a_faulty_leaf_is_told_by_line(write: Write, leaves: str, fault: str) -> None:
    assert any(line.startswith(fault) for line in faults(write, parameters__sizes=leaves))


def test_an_override_of_nothing_is_a_fault(write: Write) -> None:
    region = write("region", only=True, parameters__sizes=LEAVES.replace("share:", "shore:"))
    with pytest.raises(load.RulebookError, match=r"parameters/sizes\.yaml:1: 'sizes\.shore' overrides nothing"):
        load.rulebook_from(region, base=write())


def test_faults_of_several_files_come_together_in_order(write: Write) -> None:
    found = faults(
        write,
        products__base=PRODUCTS.replace("en: hydraulic pump", "en: 液压泵").replace("id: machine-part", "id: 零件"),
        parameters__sizes=LEAVES.replace("  unit: share\n", ""),
    )
    assert [line.split(": ")[0] for line in found] == ["parameters/sizes.yaml:1", "products/base.yaml:2", "products/base.yaml:13"]


def test_the_message_says_how_many_faults_there_are(write: Write) -> None:
    with pytest.raises(load.RulebookError, match=r"\Athe rulebook has 1 fault:\n"):
        load.rulebook_from(write(products__base=PRODUCTS.replace("[machine-part]", "[ship]")))


def test_a_file_in_another_encoding_is_a_fault(write: Write) -> None:
    folder = write()
    (folder / "products" / "old.yaml").write_bytes("products: [] # 变速箱".encode("gb18030"))
    with pytest.raises(load.RulebookError, match=r"products/old\.yaml:1: not UTF-8 at byte 15 → save the file as UTF-8"):
        load.rulebook_from(folder)


def test_a_control_character_is_a_fault(write: Write) -> None:
    assert faults(write, products__base="products: [] # \x01\n")[0].startswith("products/base.yaml:1: no valid YAML")


def test_a_folder_that_is_not_there_is_a_fault(write: Write) -> None:
    with pytest.raises(load.RulebookError, match="no such folder"):
        load.rulebook_from(write() / "elsewhere")
