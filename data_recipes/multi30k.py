"""Image captions in English, German and French, line by line translations: Elliott et al. (2016)."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, lines

SPLITS = ("train", "val", "test_2016_flickr", "test_2017_flickr", "test_2017_mscoco", "test_2018_flickr")

FILES = {
    "test_2016_flickr.de.txt.gz": "d9747e9ef1c1bf36bf4a0e43c0d0fba58cc55d6b2b8e388cc863cba02b043fea",
    "test_2016_flickr.en.txt.gz": "4f32cb8118b90cd5189d141e34791f70c245315e17065ecf9b2af6ab57e747cf",
    "test_2016_flickr.fr.txt.gz": "aaa466eae473f1807a1b4a1683e18b6bba1234aee4ebf70e04bbc11d1e87d2be",
    "test_2017_flickr.de.txt.gz": "6e64fad935924a74fbe5c3de6ee532e4e2ab12eaebe85f9a5d082cec9281a6b0",
    "test_2017_flickr.en.txt.gz": "cb8c9ecb19ab3ae6d318e2c1aa36e4380261cb55fdad6c243f570e18c3a686bc",
    "test_2017_flickr.fr.txt.gz": "04017db93b4451188c0e4cfe217d986831b84e159251ec17642a13839df54c57",
    "test_2017_mscoco.de.txt.gz": "3321139921787efb631d1e64aaa275f0d79af06e258bca282e2888d7b2bf5691",
    "test_2017_mscoco.en.txt.gz": "f6d7b3bfb6fbdf0a52261254abb872a53a425de589942fd28f738dcca601d003",
    "test_2017_mscoco.fr.txt.gz": "a9d483413b4ace85cc53a6fd18250d0d7adf0a5b4f2394f556295f0c5e0d7a7b",
    "test_2018_flickr.de.txt.gz": "8de598937bc6eb2a91efe5fb1975f083209a32d3200954adabf43aad9a4d6707",
    "test_2018_flickr.en.txt.gz": "d04ff512211e4a35bdfab52d6519ca537d5fb14416088598f8181f0805c08aeb",
    "test_2018_flickr.fr.txt.gz": "6ff548abefa1f2f7728be865e120003e91ef38601fbe1354a91f9d196eab6bc6",
    "train.de.txt.gz": "d71259ddb13479e1c9cac315c123493b7e97d2c996465b76d885a80a9e8daccd",
    "train.en.txt.gz": "e1d89f49b9f003db6bb35c24382eb56531fec4e3840cb704cf36f0c0e192b62d",
    "train.fr.txt.gz": "41e4a42abcf242f69c88814fe0f8df106d877f0b07482c841f6063e3ed739039",
    "val.de.txt.gz": "c7c5fd8dde71846406de776f1c342f0c1e95e1c375e3bea7d52a77faec72e965",
    "val.en.txt.gz": "0a9a01b4fd231cafeebea18983300016112dc919d3b26c5c74f6d6f388936aeb",
    "val.fr.txt.gz": "9ccb4038b407530093f76c4aa5e955842303e96b0bdef3c626a0c8320d450f36",
}


def parse(folder: Path) -> dict[str, Table]:
    return {
        split: {language: lines(folder / f"{split}.{language}.txt.gz") for language in ("en", "de", "fr")}
        for split in SPLITS
    }


RECIPE = Recipe(
    name="multi30k",
    files=FILES,
    parse=parse,
    labels=(),
    splits=SPLITS,
    rows=(29_000, 1_014, 1_000, 1_000, 461, 1_071),
    licence="not stated: research use only, do not redistribute",
    homepage="https://github.com/multi30k/dataset",
    notes="Raw text in the columns `en`, `de`, `fr`; no label.",
)
