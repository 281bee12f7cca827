-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

--
-- Table structure for table `orders`
--

DROP TABLE IF EXISTS `orders`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `orders` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `big` bigint unsigned DEFAULT NULL,
  `flag` tinyint(1) DEFAULT '0',
  `price` decimal(10,2) DEFAULT NULL COMMENT 'net; without (VAT)',
  `note` text,
  `kind` enum('a','b''c') DEFAULT 'a',
  `born` date DEFAULT NULL,
  `made` datetime(3) DEFAULT NULL,
  `seen` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `raw` varbinary(16) DEFAULT NULL,
  `j` json DEFAULT NULL,
  `total` decimal(10,2) GENERATED ALWAYS AS (`price` * 2) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4;

LOCK TABLES `orders` WRITE;
/*!40000 ALTER TABLE `orders` DISABLE KEYS */;
INSERT INTO `orders` (`id`, `big`, `flag`, `price`, `note`, `kind`, `born`, `made`, `seen`, `raw`, `j`) VALUES (1,18446744073709551615,1,12.50,'It\'s \"here\"\nsecond\\line; INSERT INTO `orders` VALUES (9),(','a','2024-02-29','2024-01-02 03:04:05.678','2024-01-02 03:04:05',_binary 'a\0b\Z','{\"a\": [1, 2]}'),(2,NULL,0,NULL,'','b\'c','0000-00-00',NULL,NULL,0x00FF,NULL),(3,1,1,0.10,'two '' quotes','a',NULL,NULL,'2024-07-01 00:00:00',NULL,'null');
INSERT INTO `orders` (`id`, `price`, `note`) VALUES (4,1.00,'a list of its own'),(5,2.00),(6,3.00,'never closed),(7,4.00,'after it');
/*!40000 ALTER TABLE `orders` ENABLE KEYS */;
UNLOCK TABLES;
CREATE TABLE `other` (`id` int);
INSERT INTO `other` VALUES (1),(2);
DELIMITER ;;
CREATE PROCEDURE `p`() BEGIN INSERT INTO orders (id) VALUES (99); END ;;
DELIMITER ;
-- Dump completed on 2024-08-01  0:00:00
